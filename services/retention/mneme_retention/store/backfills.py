"""How far a tenant's memories have been brought up to date with its active schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mneme_retention.decide.backfill import Gone, Outdated
from mneme_retention.ports import Database

_OUTDATED = """
FROM schema_versions v JOIN schema_classes c ON c.tenant_id = v.tenant_id AND c.version = v.version
JOIN memories m ON m.tenant_id = v.tenant_id AND m.memory_class = c.name AND m.schema_version LIKE 'tenant-%%'
    AND m.schema_version <> 'tenant-' || c.since AND m.to_seq IS NULL AND NOT m.tombstone
WHERE v.tenant_id = %(tenant)s AND v.version = %(version)s AND v.status = 'active'
"""
_BEGIN = f"""
UPDATE schema_backfills b SET status = 'running', started_at = coalesce(b.started_at, now()),
    users_total = b.users_done + (SELECT count(DISTINCT m.user_id) {_OUTDATED} AND m.user_id > b.after_user)
WHERE b.tenant_id = %(tenant)s AND b.version = %(version)s AND b.job_id = %(job)s AND b.status IN ('queued', 'running')
RETURNING b.after_user
"""
_USERS = f"SELECT DISTINCT m.user_id {_OUTDATED} AND m.user_id > %(after)s ORDER BY m.user_id LIMIT %(most)s"
_MEMORIES = f"""
SELECT m.memory_class, m.memory_id {_OUTDATED} AND m.user_id = %(user)s
ORDER BY m.memory_class, m.memory_id LIMIT %(most)s
"""
_ADVANCE = """
UPDATE schema_backfills SET users_done = users_done + 1, users_total = greatest(users_total, users_done + 1),
    memories_done = memories_done + %(memories)s, collisions = collisions + %(collisions)s, after_user = %(user)s
WHERE tenant_id = %(tenant)s AND version = %(version)s AND job_id = %(job)s AND status = 'running' RETURNING version
"""
_FINISH = """
UPDATE schema_backfills SET status = 'done', finished_at = now(), after_user = ''
WHERE tenant_id = %(tenant)s AND version = %(version)s AND job_id = %(job)s AND status = 'running'
RETURNING users_done, memories_done, collisions
"""


class BackfillRows:
    """The ports Backfills and OutdatedMemories on PostgreSQL."""

    def __init__(self, database: Database, page: int = 500) -> None:
        self._database = database
        self._page = page

    async def begin(self, tenant_id: str, version: int, job_id: UUID) -> str | None:
        """See Backfills."""
        row = await self._row(tenant_id, _BEGIN, {"version": version, "job": job_id})
        return None if row is None else str(row["after_user"])

    async def users(self, tenant_id: str, version: int, after: str) -> Sequence[str]:
        """See OutdatedMemories."""
        rows = await self._rows(tenant_id, _USERS, {"version": version, "after": after, "most": self._page})
        return [str(row["user_id"]) for row in rows]

    async def outdated(self, tenant_id: str, user_id: str, version: int) -> Outdated | None:
        """See OutdatedMemories."""
        asked = {"version": version, "user": user_id, "most": self._page}
        rows = await self._rows(tenant_id, _MEMORIES, asked)
        if not rows:
            return None
        name = rows[0]["memory_class"]
        return Outdated(name, tuple(row["memory_id"] for row in rows if row["memory_class"] == name))

    async def advance(self, tenant_id: str, version: int, job_id: UUID, user_id: str, gone: Gone) -> bool:
        """See Backfills."""
        asked = {"version": version, "job": job_id, "user": user_id}
        counts = {"memories": gone.memories, "collisions": gone.collisions}
        return await self._row(tenant_id, _ADVANCE, asked | counts) is not None

    async def finish(self, tenant_id: str, version: int, job_id: UUID) -> dict[str, int] | None:
        """See Backfills."""
        return await self._row(tenant_id, _FINISH, {"version": version, "job": job_id})

    async def _row(self, tenant_id: str, statement: str, asked: dict[str, object]) -> dict[str, int] | None:
        rows = await self._rows(tenant_id, statement, asked)
        return rows[0] if rows else None

    async def _rows(self, tenant_id: str, statement: str, asked: dict[str, object]) -> list[dict[str, Any]]:
        async with self._database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(statement.encode(), {**asked, "tenant": tenant_id})
            return await cursor.fetchall()
