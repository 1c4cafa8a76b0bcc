"""A gateway that asks for keys, and keys for it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

MASTER_KEY = "master-key-of-the-tests-0123456789"
REQUIRED = {"MNEME_AUTH": "required", "MNEME_MASTER_KEY": MASTER_KEY, "MNEME_WRITE_WAIT": "25"}


def bearer(key: str) -> dict[str, str]:
    """The header of a credential."""
    return {"Authorization": f"Bearer {key}"}


@dataclass(frozen=True, slots=True)
class Keys:
    """What the master key makes."""

    client: httpx.AsyncClient

    async def make(self, user_id: str, tenant_id: str = "acme", **fields: object) -> dict[str, str]:
        """A new key, as it was shown."""
        answer = await self.client.post(
            "/auth/keys",
            json={"user_id": user_id, "tenant_id": tenant_id, "name": "test", **fields},
            headers=bearer(MASTER_KEY),
        )
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made
