"""One user of a gateway without authentication, as tests act for him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx


@dataclass(frozen=True, slots=True)
class Person:
    """Names himself in every request."""

    client: httpx.AsyncClient
    user_id: str
    tenant_id: str = "acme"

    @property
    def name(self) -> dict[str, str]:
        """Tenant and user."""
        return {"tenant_id": self.tenant_id, "user_id": self.user_id}

    def somebody_else(self) -> Person:
        """Another user of the same tenant."""
        return Person(self.client, f"user-{uuid4().hex[:12]}", self.tenant_id)

    async def send(
        self, method: str, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """A request with a body."""
        return await self.client.request(method, path, json={**self.name, **body}, headers=headers)

    async def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        """POST."""
        return await self.send("POST", path, body, headers)

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        """GET."""
        return await self.client.get(path, params={**self.name, **parameters})

    async def delete(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> httpx.Response:
        """DELETE without a body."""
        return await self.client.delete(path, params={**self.name, **parameters}, headers=headers)

    async def say(self, content: str, **fields: Any) -> dict[str, Any]:
        """Records a message; the message as it was answered."""
        answer = await self.post("/v1/messages", {"role": "user", "content": content, **fields})
        assert answer.status_code == 201, answer.text
        message: dict[str, Any] = answer.json()
        return message

    async def remember(self, content: str, **fields: Any) -> dict[str, Any]:
        """Stores a memory; the memory as it was answered."""
        answer = await self.post("/v1/memories", {"content": content, **fields})
        assert answer.status_code in (200, 201), answer.text
        memory: dict[str, Any] = answer.json()
        return memory
