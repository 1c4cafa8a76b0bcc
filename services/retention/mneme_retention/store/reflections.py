"""Memories as reflection reads them, and how far each user has been reflected on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mneme_retention.decide.reflection import NEWEST, Node, ReflectedUser, Reflection
from mneme_retention.ports import Database

_USERS = """
SELECT h.user_id, r.reflected_at, (
    SELECT count(*) FROM memories m WHERE m.tenant_id = h.tenant_id AND m.user_id = h.user_id
        AND m.from_seq > coalesce(r.reflected_seq, 0) AND m.to_seq IS NULL AND NOT m.tombstone
        AND m.source NOT LIKE 'reflection/%%') AS new
FROM heads h LEFT JOIN reflected_users r ON r.tenant_id = h.tenant_id AND r.user_id = h.user_id
WHERE h.tenant_id = %(tenant)s AND (%(user)s::text IS NULL OR h.user_id = %(user)s) ORDER BY h.user_id
"""
# Semantic, episodic and profile memories; what an agent works with or was told to do is no material.
_NODES = """
SELECT memory_id, content, session_id, namespace, created_at FROM memories
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND to_seq IS NULL AND NOT tombstone
    AND memory_type IN ('semantic', 'episodic', 'profile') AND source NOT LIKE 'reflection/%%'
ORDER BY from_seq DESC, memory_id LIMIT %(most)s
"""
_REFLECTIONS = """
SELECT r.memory_id, r.namespace, coalesce(r.key, '') AS key, NOT EXISTS (
    SELECT 1 FROM unnest(r.source_memory_ids) AS s WHERE NOT EXISTS (
        SELECT 1 FROM memories m WHERE m.tenant_id = r.tenant_id AND m.memory_id = s::uuid AND m.to_seq IS NULL
            AND NOT m.tombstone)) AS holds
FROM memories r
WHERE r.tenant_id = %(tenant)s AND r.user_id = %(user)s AND r.to_seq IS NULL AND NOT r.tombstone
    AND r.source LIKE 'reflection/%%'
ORDER BY r.memory_id
"""
_REFLECTED = """
INSERT INTO reflected_users (tenant_id, user_id, reflected_seq, reflected_at)
SELECT tenant_id, user_id, head_seq, %(now)s FROM heads WHERE tenant_id = %(tenant)s AND user_id = %(user)s
ON CONFLICT (tenant_id, user_id) DO UPDATE SET reflected_seq = excluded.reflected_seq,
    reflected_at = excluded.reflected_at
"""


class ReflectionRows:
    """The port Reflections on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def users(self, tenant_id: str, user_id: str | None) -> Sequence[ReflectedUser]:
        """See Reflections."""
        rows = await self._rows(tenant_id, _USERS, {"user": user_id})
        return [ReflectedUser(**row) for row in rows]

    async def load(self, tenant_id: str, user_id: str) -> tuple[Sequence[Node], Sequence[Reflection]]:
        """See Reflections."""
        asked = {"user": user_id, "most": NEWEST}
        nodes = [Node(**row) for row in await self._rows(tenant_id, _NODES, asked)]
        reflections = await self._rows(tenant_id, _REFLECTIONS, asked)
        return nodes, [Reflection(**row) for row in reflections]

    async def reflected(self, tenant_id: str, user_id: str, now: datetime) -> None:
        """See Reflections."""
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_REFLECTED, {"tenant": tenant_id, "user": user_id, "now": now})

    async def _rows(self, tenant_id: str, statement: str, asked: Mapping[str, object]) -> list[dict[str, Any]]:
        async with self._database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(statement.encode(), {**asked, "tenant": tenant_id})
            return await cursor.fetchall()
