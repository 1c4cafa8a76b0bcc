"""Retention against a real database, with a resolver that applies its commands at once and a clock that is set."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import EventData
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import ExpireMemories, Job, RunRetention
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.reading import read_event
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_retention.commanding import Commanding
from mneme_retention.decide.policy import Mode
from mneme_retention.handlers.expire_memories import ExpireMemoriesOfTenant
from mneme_retention.handlers.run_retention import RunRetentionPolicy
from mneme_retention.store.ledger import LedgerRows
from mneme_retention.store.memories import MemoryRows
from mneme_retention.store.messages import MessageRows
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, USER, Rows, event

MASTER_KEY = b"k" * 32
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """A tenant's records, and the jobs that retention does on them."""

    database: Database
    rows: Rows
    now: datetime = NOW
    emitted: list[Record] = field(default_factory=list)
    page: int = 3

    def clock(self) -> datetime:
        """The time that everybody sees."""
        return self.now

    async def write(self, data: EventData, *, days_ago: float = 0.0, tenant: str = TENANT, user: str = USER) -> str:
        """What was written then; the id of the message or memory."""
        there = self.now
        self.now = NOW - timedelta(days=days_ago)
        written = event(data, tenant=tenant, user=user)
        await self._apply([written])
        self.now = there
        outcome = self.rows.value("SELECT outcome FROM ledger WHERE event_id = %s", written.event_id)
        return str(outcome.get("message_id") or outcome.get("memory_id"))

    async def run(
        self,
        *actions: str,
        dry_run: bool = False,
        mode: Mode = "any",
        tenant: str = TENANT,
        decay_below: float = 0.05,
    ) -> Mapping[str, Any]:
        """A policy run under a job of its own."""
        job_id = uuid.uuid4()
        data = RunRetention.model_validate(
            {"job_id": job_id, "actions": actions, "dry_run": dry_run, "decay_below": decay_below}
        )
        handler = RunRetentionPolicy(
            MessageRows(self.database, self.page),
            MemoryRows(self.database, self.page),
            self._commanding(),
            self.clock,
            mode,
        )
        return await handler(Job(job_id, "retention.run", tenant, data), self.emit)

    async def expire(self, tenant: str = TENANT, job_id: uuid.UUID | None = None) -> Mapping[str, Any]:
        """A sweep of expired memories."""
        data = ExpireMemories(job_id=job_id or uuid.uuid4())
        handler = ExpireMemoriesOfTenant(MemoryRows(self.database, self.page), self._commanding(), self.clock)
        return await handler(Job(data.job_id, "memories.expire", tenant, data), self.emit)

    async def emit(self, records: Sequence[OutgoingRecord]) -> None:
        """Straight into the resolver."""
        arrived = [
            Record("i", record.topic, 0, offset, 0, record.key, record.value, record.headers)
            for offset, record in enumerate(records, start=len(self.emitted))
        ]
        self.emitted += arrived
        await self._apply([read_event(record) for record in arrived])

    def policy(self, **fields: object) -> None:
        """Sets the tenant's policy."""
        names = ", ".join(fields)
        holes = ", ".join(["%s"] * len(fields))
        self.rows.all(
            f"INSERT INTO retention_policies (tenant_id, {names}) VALUES (%s, {holes}) RETURNING tenant_id",
            TENANT,
            *fields.values(),
        )

    def messages(self) -> dict[str, bool]:
        """The live messages, and whether each is archived."""
        found = self.rows.all("SELECT content, archived FROM messages WHERE to_seq IS NULL ORDER BY created_at")
        return {row["content"]: row["archived"] for row in found}

    def memories(self) -> list[str]:
        """The contents of the live memories."""
        found = self.rows.all("SELECT content FROM memories WHERE to_seq IS NULL AND NOT tombstone ORDER BY content")
        return [row["content"] for row in found]

    def _commanding(self) -> Commanding:
        return Commanding(LedgerRows(self.database), self.clock)

    async def _apply(self, events: Sequence[ResolverEvent]) -> None:
        keys = subject_keys(MASTER_KEY)
        store = PostgresEventStore(database=self.database, keys=keys, clock=self.clock, checkpoint=ignore)
        await store.apply(events)
