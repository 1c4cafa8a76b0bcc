"""What the later stages still lack, told from PostgreSQL alone (guarantee 6).

After the log has been lost: every event whose changes were never marked as emitted, every message without its
extraction, every open record without its vector. What has an open dead letter waits for its re-drive instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mneme_common.adapters.postgres import Database, read_whole_tables
from mneme_common.contracts.changes import Change
from mneme_common.contracts.commands import EventData
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.store.reemit import changes_again

_PAGE = 500


def _buried(stage: str) -> str:
    """Whether what the event ``m`` caused lies among the open dead letters of a stage."""
    return f"EXISTS (SELECT 1 FROM letters d WHERE d.event_id = m.event_id AND d.stage = '{stage}')"


# Each table is read once and joined by hash, so that a restart costs time in proportion to what is stored, not to its
# square. The names of the points are worked out before they are compared: behind row-level security a comparison with
# what a function makes of another row gets neither an index nor a hash.
_UNFINISHED = f"""
WITH letters AS MATERIALIZED (
    SELECT d.event_id, d.stage FROM dead_letters d
    WHERE d.tenant_id = %(tenant)s AND d.resolved_at IS NULL AND d.event_id IS NOT NULL
), points AS MATERIALIZED (
    SELECT i.point_id FROM indexed i WHERE i.tenant_id = %(tenant)s
), extracted AS MATERIALIZED (
    SELECT x.source_event_id FROM extractions x WHERE x.tenant_id = %(tenant)s
), said AS MATERIALIZED (
    SELECT m.user_id, m.from_seq, m.event_id, m.archived,
           CASE WHEN m.revision = 1 THEN m.message_id ELSE message_point_id(m.message_id, m.revision) END AS point_id
    FROM messages m WHERE m.tenant_id = %(tenant)s AND m.to_seq IS NULL
), unfinished AS MATERIALIZED (
    SELECT m.user_id, m.from_seq AS seq FROM said m
    WHERE NOT EXISTS (SELECT 1 FROM extracted x WHERE x.source_event_id = m.event_id) AND NOT {_buried("extractor")}
    UNION
    SELECT m.user_id, m.from_seq FROM said m
    WHERE NOT m.archived AND NOT EXISTS (SELECT 1 FROM points i WHERE i.point_id = m.point_id)
        AND NOT {_buried("embedder")}
    UNION
    SELECT m.user_id, m.from_seq FROM memories m
    WHERE m.tenant_id = %(tenant)s AND m.to_seq IS NULL AND NOT m.tombstone
        AND NOT EXISTS (SELECT 1 FROM points i WHERE i.point_id = m.memory_id) AND NOT {_buried("embedder")}
    UNION
    SELECT l.user_id, l.seq FROM heads h JOIN ledger l ON l.tenant_id = %(tenant)s AND l.user_id = h.user_id
    WHERE h.tenant_id = %(tenant)s AND h.emitted_seq < h.head_seq AND l.seq > h.emitted_seq
)
SELECT l.tenant_id, l.user_id, l.event_id, l.event_type, l.source, l.request_hash, l.traceparent
FROM unfinished u JOIN ledger l ON l.tenant_id = %(tenant)s AND l.user_id = u.user_id AND l.seq = u.seq
WHERE l.status <> 'buried'
ORDER BY l.user_id, l.seq
"""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Pages through what is unfinished."""

    database: Database

    async def changes(self) -> AsyncIterator[list[tuple[ResolverEvent, list[Change]]]]:
        """Pages of events with the changes to emit again, each user's in order."""
        for tenant_id in await self._tenants():
            async with aclosing(self._pages(tenant_id)) as pages:
                async for events in pages:
                    async with self.database.transaction([tenant_id]) as connection:
                        yield await changes_again(connection, {(tenant_id, event.event_id): event for event in events})

    async def _pages(self, tenant_id: str) -> AsyncGenerator[list[ResolverEvent], None]:
        async with self.database.transaction([tenant_id]) as connection:
            await read_whole_tables(connection)
            async with connection.cursor(name="unfinished") as cursor:
                await cursor.execute(_UNFINISHED, {"tenant": tenant_id})
                while rows := await cursor.fetchmany(_PAGE):
                    yield [_event(row) for row in rows]

    async def finished(self) -> None:
        """Everything has been emitted: the marks of all heads may stand at their ends."""
        for tenant_id in await self._tenants():
            async with self.database.transaction([tenant_id]) as connection:
                await connection.execute(
                    "UPDATE heads SET emitted_seq = head_seq WHERE tenant_id = %s AND emitted_seq < head_seq",
                    (tenant_id,),
                )

    async def _tenants(self) -> Sequence[str]:
        async with self.database.transaction(operator=True) as connection:
            cursor = await connection.execute("SELECT DISTINCT tenant_id FROM heads ORDER BY tenant_id")
            return [row["tenant_id"] for row in await cursor.fetchall()]


def _event(row: Mapping[str, Any]) -> ResolverEvent:
    return ResolverEvent(
        event_id=UUID(str(row["event_id"])),
        tenant_id=row["tenant_id"],
        user_id=row["user_id"],
        type=row["event_type"],
        version=1,
        source=row["source"],
        request_hash=row["request_hash"],
        data=EventData(),
        traceparent=row["traceparent"],
    )
