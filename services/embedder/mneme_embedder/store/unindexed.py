"""Versions that an index lacks: for a new model, after a restore, after the log has been lost (guarantee 6)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mneme_common.adapters.postgres import Connection, Database, read_whole_tables
from mneme_embedder.decide.targets import Target, memory_target, message_target
from mneme_embedder.decide.texts import message_text

PAGE = 500

# Open and without a vector, or ended and the index does not know; with the history, ended ones without a vector too.
# The names of the points are worked out before they are compared: behind row-level security a comparison with what a
# function makes of another row gets neither an index nor a hash.
_LACKS = """
CASE WHEN {version}.to_seq IS NULL THEN k.point_id IS NULL
     WHEN k.point_id IS NULL THEN %(history)s ELSE k.to_seq IS NULL END
"""
_LACKING = f"""
WITH versions AS MATERIALIZED (
    SELECT m.message_id, m.revision, m.to_seq,
           CASE WHEN m.revision = 1 THEN m.message_id ELSE message_point_id(m.message_id, m.revision) END AS point_id
    FROM messages m WHERE m.tenant_id = %(tenant)s AND NOT (m.to_seq IS NULL AND m.archived)
        AND m.content NOT IN ('', redacted_content(m.event_id))
), known AS MATERIALIZED (
    SELECT i.point_id, i.to_seq FROM indexed i WHERE i.tenant_id = %(tenant)s AND i.model = %(model)s
), lacking AS MATERIALIZED (
    SELECT v.message_id, v.revision, k.point_id IS NULL AS to_embed
    FROM versions v LEFT JOIN known k ON k.point_id = v.point_id WHERE {_LACKS.format(version="v")}
)
"""
_OF_MESSAGES = """
FROM lacking l JOIN messages m
    ON m.tenant_id = %(tenant)s AND m.message_id = l.message_id AND m.revision = l.revision
"""
_OF_MEMORIES = f"""
FROM memories m LEFT JOIN known k ON k.point_id = m.memory_id
WHERE m.tenant_id = %(tenant)s AND NOT (m.tombstone AND k.point_id IS NULL) AND {_LACKS.format(version="m")}
"""
_TARGETS = f"""{_LACKING}
SELECT 'message' AS kind, m.user_id, m.message_id AS record_id, m.revision, m.name,
       CASE WHEN l.to_embed THEN m.content END AS content, coalesce(m.to_seq, m.from_seq) AS position {_OF_MESSAGES}
UNION ALL
SELECT 'memory', m.user_id, m.memory_id, 0, NULL,
       CASE WHEN k.point_id IS NULL THEN m.content END, coalesce(m.to_seq, m.from_seq) {_OF_MEMORIES}
"""
_COUNT = f"{_LACKING} SELECT (SELECT count(*) {_OF_MESSAGES}) + (SELECT count(*) {_OF_MEMORIES}) AS versions"


@dataclass(frozen=True, slots=True)
class UnindexedRows:
    """The ports Unindexed and Unfilled on PostgreSQL. A tenant that another member is at is left to it."""

    database: Database

    async def count(self, model: str) -> int:
        """See Unfilled."""
        total = 0
        for tenant_id in await self._tenants():
            async with self.database.transaction([tenant_id]) as connection:
                await read_whole_tables(connection)
                cursor = await connection.execute(_COUNT, _wanted(tenant_id, model, history=True))
                row = await cursor.fetchone()
            total += row["versions"] if row else 0
        return total

    def pages(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """See Unindexed."""
        return self._pages(model, history=False)

    def history(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """See Unfilled."""
        return self._pages(model, history=True)

    async def _pages(self, model: str, *, history: bool) -> AsyncGenerator[Sequence[Target], None]:
        """A tenant's rows are read once, through a cursor, while the pages are worked off."""
        for tenant_id in await self._tenants():
            async with self.database.transaction([tenant_id]) as connection:
                if not await _alone(connection, tenant_id, model):
                    continue
                async with connection.cursor(name="unindexed") as cursor:
                    await cursor.execute(_TARGETS, _wanted(tenant_id, model, history=history))
                    while rows := await cursor.fetchmany(PAGE):
                        yield [_target(tenant_id, row) for row in rows]

    async def _tenants(self) -> Sequence[str]:
        async with self.database.transaction(operator=True) as connection:
            cursor = await connection.execute("SELECT DISTINCT tenant_id FROM heads ORDER BY tenant_id")
            return [row["tenant_id"] for row in await cursor.fetchall()]


def _wanted(tenant_id: str, model: str, *, history: bool) -> Mapping[str, object]:
    return {"tenant": tenant_id, "model": model, "history": history}


async def _alone(connection: Connection, tenant_id: str, model: str) -> bool:
    """Takes the lock for this transaction, which reads whole tables and may idle while a page is embedded."""
    await read_whole_tables(connection)
    cursor = await connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('mneme.index.' || %s || '.' || %s, 0)) AS locked",
        (model, tenant_id),
    )
    row = await cursor.fetchone()
    return bool(row and row["locked"])


def _target(tenant_id: str, row: Mapping[str, Any]) -> Target:
    if row["kind"] == "memory":
        return memory_target(tenant_id, row["user_id"], row["record_id"], text=row["content"], position=row["position"])
    text = None if row["content"] is None else message_text(row["name"], row["content"])
    return message_target(
        tenant_id, row["user_id"], row["record_id"], row["revision"], text=text, position=row["position"]
    )
