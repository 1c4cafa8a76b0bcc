"""What the later stages still lack, told from PostgreSQL alone (guarantee 6).

After the log has been lost: every event whose changes were never marked as emitted, every message without its
extraction, every open record without its vector. What has an open dead letter waits for its re-drive instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from mneme_common.adapters.postgres import Connection, Database
from mneme_common.contracts.changes import Change
from mneme_common.contracts.commands import EventData
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.store.reemit import changes_again

_PAGE = 500

# identifiers.point_id in SQL: the message id for the first revision, a digest of both afterwards.
_POINT_ID = """
CASE WHEN m.revision = 1 THEN m.message_id ELSE encode(substring(sha256(
    int8send(5) || 'point'::bytea || int8send(16) || uuid_send(m.message_id)
    || int8send(length(m.revision::text)) || convert_to(m.revision::text, 'UTF8')) FOR 16), 'hex')::uuid END
"""


def _buried(stage: str) -> str:
    """Whether what the event ``m`` caused lies among the open dead letters of a stage."""
    return (
        "EXISTS (SELECT 1 FROM dead_letters d WHERE d.tenant_id = m.tenant_id AND d.event_id = m.event_id"
        f" AND d.stage = '{stage}' AND d.resolved_at IS NULL)"
    )


_UNFINISHED = f"""
SELECT l.tenant_id, l.user_id, l.event_id, l.event_type, l.source, l.request_hash, l.traceparent, l.seq
FROM ledger l JOIN heads h ON h.tenant_id = l.tenant_id AND h.user_id = l.user_id
WHERE l.tenant_id = %(tenant)s AND (l.user_id, l.seq) > (%(user)s, %(seq)s) AND l.status <> 'buried' AND (
    l.seq > h.emitted_seq
    OR EXISTS (
        SELECT 1 FROM messages m WHERE m.tenant_id = l.tenant_id AND m.user_id = l.user_id AND m.from_seq = l.seq
        AND m.to_seq IS NULL AND (
            (NOT EXISTS (
                SELECT 1 FROM extractions x WHERE x.tenant_id = m.tenant_id AND x.source_event_id = m.event_id)
                AND NOT {_buried("extractor")})
            OR (NOT m.archived AND NOT EXISTS (
                SELECT 1 FROM indexed i WHERE i.tenant_id = m.tenant_id AND i.point_id = {_POINT_ID})
                AND NOT {_buried("embedder")}))
    )
    OR EXISTS (
        SELECT 1 FROM memories m WHERE m.tenant_id = l.tenant_id AND m.user_id = l.user_id AND m.from_seq = l.seq
        AND m.to_seq IS NULL AND NOT m.tombstone AND NOT EXISTS (
            SELECT 1 FROM indexed i WHERE i.tenant_id = m.tenant_id AND i.point_id = m.memory_id)
        AND NOT {_buried("embedder")}
    )
)
ORDER BY l.user_id, l.seq LIMIT %(page)s
"""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Pages through what is unfinished."""

    database: Database

    async def changes(self) -> AsyncIterator[list[tuple[ResolverEvent, list[Change]]]]:
        """Pages of events with the changes to emit again, each user's in order."""
        for tenant_id in await self._tenants():
            user_id, seq = "", 0
            while True:
                async with self.database.transaction([tenant_id]) as connection:
                    events = await _page(connection, tenant_id, user_id, seq)
                    if not events:
                        break
                    keyed = {(event.tenant_id, event.event_id): event for event, _ in events}
                    yield await changes_again(connection, keyed)
                user_id, seq = events[-1][0].user_id, events[-1][1]

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


async def _page(connection: Connection, tenant_id: str, user_id: str, seq: int) -> list[tuple[ResolverEvent, int]]:
    place = {"tenant": tenant_id, "user": user_id, "seq": seq, "page": _PAGE}
    cursor = await connection.execute(_UNFINISHED, place)
    return [
        (
            ResolverEvent(
                event_id=UUID(str(row["event_id"])),
                tenant_id=row["tenant_id"],
                user_id=row["user_id"],
                type=row["event_type"],
                version=1,
                source=row["source"],
                request_hash=row["request_hash"],
                data=EventData(),
                traceparent=row["traceparent"],
            ),
            row["seq"],
        )
        for row in await cursor.fetchall()
    ]
