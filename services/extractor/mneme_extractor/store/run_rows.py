"""Extractions asked for anew, in PostgreSQL: which messages to read, what was found, what is live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.commands import ProposeMemories
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.comparison import LiveMemory, ReadMessage

_PAGE = 200

_USERS = """
SELECT user_id FROM heads WHERE tenant_id = %(tenant)s AND (%(user)s::text IS NULL OR user_id = %(user)s)
ORDER BY user_id
"""
# What a run has read already it does not read again; a message that has changed since is another event.
_UNREAD = """
SELECT m.message_id, m.revision, m.event_id, m.conversation_id, m.role, m.name, m.content, m.namespace, m.occurred_at,
    m.from_seq AS position, h.head_seq
FROM messages m JOIN heads h ON h.tenant_id = m.tenant_id AND h.user_id = m.user_id
WHERE m.tenant_id = %(tenant)s AND m.user_id = %(user)s AND m.to_seq IS NULL
    AND NOT m.metadata @> '{"memory_enabled": false}' AND NOT EXISTS (
    SELECT 1 FROM extraction_runs r WHERE r.tenant_id = m.tenant_id AND r.user_id = m.user_id AND r.run = %(run)s
        AND r.position = m.from_seq AND r.source_event_id = m.event_id)
ORDER BY m.from_seq, m.message_id LIMIT %(page)s
"""
_KEEP = """
INSERT INTO extraction_runs (tenant_id, run, user_id, source_event_id, position, read_at, proposed)
SELECT %(tenant)s, %(run)s, %(user)s, %(event)s, %(position)s, %(read_at)s, %(proposed)s
WHERE NOT EXISTS (
    SELECT 1 FROM subject_keys k WHERE k.tenant_id = %(tenant)s AND k.user_id = %(user)s AND k.erased_at IS NOT NULL)
ON CONFLICT DO NOTHING
"""
# A message that was deleted or changed since is no part of the run any more.
_READ = """
SELECT r.position, r.read_at, r.proposed, m.namespace FROM extraction_runs r
JOIN messages m ON m.tenant_id = r.tenant_id AND m.user_id = r.user_id AND m.event_id = r.source_event_id
    AND m.from_seq = r.position AND m.to_seq IS NULL
WHERE r.tenant_id = %(tenant)s AND r.user_id = %(user)s AND r.run = %(run)s ORDER BY r.position, r.source_event_id
"""
# What an extraction wrote and somebody has revised since is his.
_LIVE = """
SELECT m.memory_id, m.memory_class, m.values, m.namespace, m.from_seq, m.source LIKE 'extractor/%%' AND EXISTS (
    SELECT 1 FROM ledger l WHERE l.event_id = m.event_id AND l.tenant_id = m.tenant_id
        AND l.event_type = 'memories.proposed') AS extracted
FROM memories m
WHERE m.tenant_id = %(tenant)s AND m.user_id = %(user)s AND m.to_seq IS NULL AND NOT m.tombstone ORDER BY m.memory_id
"""


@dataclass(frozen=True, slots=True)
class RunRows:
    """The port Runs."""

    database: Database
    page: int = _PAGE

    async def users(self, tenant_id: str, user_id: str | None) -> Sequence[Subject]:
        """See Runs."""
        rows = await self._rows(tenant_id, _USERS, {"user": user_id})
        return [Subject(tenant_id, row["user_id"]) for row in rows]

    async def unread(self, subject: Subject, run: str) -> Sequence[tuple[MessageRecorded, int]]:
        """See Runs."""
        rows = await self._rows(subject.tenant_id, _UNREAD, {"user": subject.user_id, "run": run, "page": self.page})
        return [(MessageRecorded.model_validate(row), row["head_seq"]) for row in rows]

    async def keep(self, subject: Subject, read: ReadMessage) -> None:
        """See Runs."""
        asked = {
            "tenant": subject.tenant_id,
            "user": subject.user_id,
            "run": read.proposed.run,
            "event": read.proposed.source_event_id,
            "position": read.position,
            "read_at": read.read_at,
            "proposed": Jsonb(read.proposed.model_dump(mode="json")),
        }
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(_KEEP, asked)

    async def found(self, subject: Subject, run: str) -> tuple[Sequence[ReadMessage], Sequence[LiveMemory]]:
        """See Runs."""
        asked = {"tenant": subject.tenant_id, "user": subject.user_id, "run": run}
        async with self.database.transaction([subject.tenant_id]) as connection:
            read = await (await connection.execute(_READ, asked)).fetchall()
            live = await (await connection.execute(_LIVE, asked)).fetchall()
        return [_read(row) for row in read], [LiveMemory(**row) for row in live]

    async def _rows(self, tenant_id: str, statement: str, asked: Mapping[str, object]) -> list[dict[str, Any]]:
        async with self.database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(statement.encode(), {**asked, "tenant": tenant_id})
            return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class OutcomeRows:
    """The port Outcomes: the ledger is where to look."""

    database: Database

    async def missing(self, tenant_id: str, events: Sequence[UUID]) -> Sequence[UUID]:
        """See Outcomes."""
        async with self.database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT event_id FROM ledger WHERE tenant_id = %s AND event_id = ANY(%s)", (tenant_id, list(events))
            )
            known = {row["event_id"] for row in await cursor.fetchall()}
        return [event for event in events if event not in known]


def _read(row: Mapping[str, Any]) -> ReadMessage:
    proposed = ProposeMemories.model_validate(row["proposed"])
    return ReadMessage(row["position"], row["read_at"], row["namespace"], proposed)
