"""Memories whose time to live is over, and memories that nobody has needed for long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from mneme_retention.decide.decay import IdleMemory
from mneme_retention.decide.expiry import ExpiredMemory
from mneme_retention.ports import Database

_PAGE = 2_000
_IDLE_FIELDS = tuple(column.name for column in fields(IdleMemory))

_EXPIRED = """
SELECT user_id, memory_id, expires_at, pinned FROM memories
WHERE tenant_id = %(tenant)s AND to_seq IS NULL AND NOT tombstone AND expires_at IS NOT NULL AND NOT pinned
    AND expires_at <= %(now)s AND (expires_at, memory_id) > (%(after)s, %(memory)s)
ORDER BY expires_at, memory_id LIMIT %(page)s
"""
_IDLE = """
SELECT i.* FROM (
    SELECT m.user_id, m.from_seq, m.memory_id, m.importance, m.trust_tier, m.pinned,
        greatest(m.created_at, a.last_accessed_at) AS needed_at
    FROM memories m LEFT JOIN memory_access a ON a.root_id = m.root_id AND a.tenant_id = m.tenant_id
    WHERE m.tenant_id = %(tenant)s AND (m.user_id, m.from_seq, m.memory_id) > (%(user)s, %(seq)s, %(memory)s)
        AND m.to_seq IS NULL AND NOT m.tombstone AND NOT m.pinned AND m.created_at <= %(before)s
) AS i
WHERE i.needed_at <= %(before)s ORDER BY i.user_id, i.from_seq, i.memory_id LIMIT %(page)s
"""


class MemoryRows:
    """One transaction a page, which sees one tenant."""

    def __init__(self, database: Database, page: int = _PAGE) -> None:
        self._database = database
        self._page = page

    async def expired(self, tenant_id: str, now: datetime) -> AsyncIterator[Sequence[ExpiredMemory]]:
        """Pages in the order of expiry; what is expired meanwhile no longer comes."""
        after, memory_id = datetime.min.replace(tzinfo=UTC), UUID(int=0)
        while True:
            place = {"tenant": tenant_id, "now": now, "after": after, "memory": memory_id, "page": self._page}
            async with self._database.transaction([tenant_id]) as connection:
                cursor = await connection.execute(_EXPIRED, place)
                found = [ExpiredMemory(**row) for row in await cursor.fetchall()]
            if found:
                yield found
            if len(found) < self._page:
                return
            after, memory_id = found[-1].expires_at, found[-1].memory_id

    async def idle(self, tenant_id: str, needed_before: datetime) -> AsyncIterator[Sequence[IdleMemory]]:
        """Pages in the order of users and positions; what has ended meanwhile no longer comes."""
        user_id, seq, memory_id = "", 0, UUID(int=0)
        while True:
            place = {"user": user_id, "seq": seq, "memory": memory_id, "page": self._page}
            async with self._database.transaction([tenant_id]) as connection:
                cursor = await connection.execute(_IDLE, {**place, "tenant": tenant_id, "before": needed_before})
                rows = await cursor.fetchall()
            if rows:
                yield [IdleMemory(**{name: row[name] for name in _IDLE_FIELDS}) for row in rows]
            if len(rows) < self._page:
                return
            user_id, seq, memory_id = rows[-1]["user_id"], rows[-1]["from_seq"], rows[-1]["memory_id"]
