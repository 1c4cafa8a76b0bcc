"""Memories whose time to live is over, by the index over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from mneme_retention.decide.expiry import ExpiredMemory
from mneme_retention.ports import Database

_PAGE = 2_000

_EXPIRED = """
SELECT user_id, memory_id, expires_at, pinned FROM memories
WHERE tenant_id = %(tenant)s AND to_seq IS NULL AND NOT tombstone AND expires_at IS NOT NULL AND NOT pinned
    AND expires_at <= %(now)s AND (expires_at, memory_id) > (%(after)s, %(memory)s)
ORDER BY expires_at, memory_id LIMIT %(page)s
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
