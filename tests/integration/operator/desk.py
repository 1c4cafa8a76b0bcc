"""What an operator does in these tests."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from mneme_common.adapters.letter_seal import LetterSeal
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.worker_rows import DeadLetterRows
from mneme_common.contracts.dead_letters import DeadLetterStore, Record, Seal
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.runtime.burial import letter_of
from mneme_common.testing.waiting import eventually
from mneme_resolver.store.burial import LedgerBurials
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import Rows, producing
from tests.integration.gateway.running_gateway import Pipeline, RunningGateway


@dataclass(frozen=True)
class Stack:
    """What runs."""

    pipeline: Pipeline
    gateway: RunningGateway
    bootstrap: str

    @property
    def rows(self) -> Rows:
        """The database past every wall."""
        return Rows(self.pipeline.database)


@dataclass(frozen=True)
class Desk:
    """An operator and the tenant that he looks after."""

    stack: Stack
    client: httpx.AsyncClient
    tenant: str

    async def say(self, content: str, user: str = "ann", **fields: Any) -> UUID:
        """A message over HTTP; its id."""
        body = {"tenant_id": self.tenant, "user_id": user, "role": "user", "content": content, **fields}
        answer = await self.client.post("/v1/messages", json=body)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    def make_old(self, days: int) -> None:
        """Lets the tenant's messages have been recorded so many days ago."""
        self.stack.rows.all(
            "UPDATE messages SET created_at = created_at - make_interval(days => %s) WHERE tenant_id = %s RETURNING 1",
            days,
            self.tenant,
        )

    async def produce(self, records: Sequence[OutgoingRecord]) -> None:
        """Past the gateway."""
        async with producing(self.stack.bootstrap, self.stack.pipeline.topic_prefix) as produce:
            await produce(records)

    async def letters(self, **parameters: str) -> list[dict[str, Any]]:
        """The tenant's dead letters."""
        answer = await self.client.get("/v1/admin/dead-letters", params={"limit": 500, **parameters})
        assert answer.status_code == 200, answer.text
        return [letter for letter in answer.json()["items"] if letter["tenant_id"] == self.tenant]

    async def a_letter(self) -> dict[str, Any]:
        """The tenant's only dead letter, once there is one."""

        async def look() -> list[dict[str, Any]]:
            return await self.letters()

        letter: dict[str, Any] = (await eventually(look, within=20))[0]
        return letter

    async def redrive(self, letter_id: str) -> None:
        """Sends it again."""
        answer = await self.client.post(f"/v1/admin/dead-letters/{letter_id}/redrive")
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"redriven": [letter_id]}

    async def letter(self, letter_id: str) -> dict[str, Any]:
        """One letter as it stands."""
        answer = await self.client.get(f"/v1/admin/dead-letters/{letter_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def resolved(self, letter_id: str) -> bool:
        """Whether its stage has succeeded."""
        return (await self.letter(letter_id))["resolved_at"] is not None

    async def bury(self, stage: str, sent: OutgoingRecord) -> str:
        """Buries a record that is in order, as a stage would that has a bug; the letter's id."""
        made = self.stack.pipeline.database
        record = Record(f"lost-{uuid4().hex[:8]}", sent.topic, 3, 7, 0, sent.key, sent.value, sent.headers)
        database = Database(made.writer_url, name="burial", size=1)
        await database.open()
        store: DeadLetterStore = DeadLetterRows(database)
        if stage == "resolver":
            store = LedgerBurials(database, subject_keys(self._master_key()), lambda: datetime.now(UTC), self._seal())
        await store.bury([letter_of(record, stage, "unknown_error", "ValueError: a bug", attempts=3)])
        await database.close()
        return str((await self.a_letter())["letter_id"])

    def _seal(self) -> Seal:
        return LetterSeal(b64decode(self.stack.pipeline.database.encryption_key)).seal

    def _master_key(self) -> bytes:
        """The key that the resolver of this stack has."""
        return b64decode(self.stack.pipeline.database.encryption_key)
