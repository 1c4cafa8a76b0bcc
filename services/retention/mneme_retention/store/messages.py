"""Messages that a policy may concern: whole tenants in pages, by the index over users and positions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mneme_retention.decide.policy import YOUNG, Policy, StoredMessage
from mneme_retention.ports import Connection, Database

_PAGE = 2_000
_NIL = UUID(int=0)

_POLICY = """
SELECT max_age_days, importance_threshold, delete_after_days, max_items FROM retention_policies WHERE tenant_id = %s
"""
# Message ids grow with the time of their recording: the id at the boundary tells what is surplus.
_SURPLUS_UP_TO = """
SELECT message_id FROM messages WHERE tenant_id = %(tenant)s AND to_seq IS NULL AND NOT archived
ORDER BY message_id DESC OFFSET %(keep)s LIMIT 1
"""
_TO_ARCHIVE = """
SELECT m.user_id, m.from_seq, m.message_id, m.importance_score, m.created_at, NULL::timestamptz AS archived_at,
    coalesce(m.message_id <= %(surplus)s, false) AS surplus
FROM messages m
WHERE m.tenant_id = %(tenant)s AND (m.user_id, m.from_seq, m.message_id) > (%(user)s, %(seq)s, %(message)s)
    AND m.to_seq IS NULL AND NOT m.archived AND m.created_at <= %(young)s
    AND (m.importance_score <= %(threshold)s OR m.created_at <= %(old)s OR m.message_id <= %(surplus)s)
ORDER BY m.user_id, m.from_seq, m.message_id LIMIT %(page)s
"""
# Archived since: the first of the revisions that have been archived without a break.
_TO_DELETE = """
SELECT m.user_id, m.from_seq, m.message_id, m.importance_score, m.created_at, since.archived_at, false AS surplus
FROM messages m, LATERAL (
    SELECT min(r.updated_at) AS archived_at FROM messages r
    WHERE r.tenant_id = m.tenant_id AND r.message_id = m.message_id AND r.archived AND r.revision > coalesce((
        SELECT max(p.revision) FROM messages p
        WHERE p.tenant_id = m.tenant_id AND p.message_id = m.message_id AND NOT p.archived), 0)
) AS since
WHERE m.tenant_id = %(tenant)s AND (m.user_id, m.from_seq, m.message_id) > (%(user)s, %(seq)s, %(message)s)
    AND m.to_seq IS NULL AND m.archived AND since.archived_at < %(before)s
ORDER BY m.user_id, m.from_seq, m.message_id LIMIT %(page)s
"""


class MessageRows:
    """Policies and messages; one transaction a page, which sees one tenant."""

    def __init__(self, database: Database, page: int = _PAGE) -> None:
        self._database = database
        self._page = page

    async def policy(self, tenant_id: str) -> Policy:
        """The tenant's policy; made with the defaults when there is none."""
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(
                "INSERT INTO retention_policies (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,)
            )
            cursor = await connection.execute(_POLICY, (tenant_id,))
            row = await cursor.fetchone()
        return Policy(**row) if row is not None else Policy()

    async def to_archive(self, tenant_id: str, policy: Policy, now: datetime) -> AsyncIterator[Sequence[StoredMessage]]:
        """All that is old, unimportant or surplus, and not young."""
        asked = {
            "threshold": policy.importance_threshold,
            "old": policy.old_before(now),
            "young": now - YOUNG,
            "surplus": await self._surplus_up_to(tenant_id, policy),
        }
        async for page in self._pages(_TO_ARCHIVE, tenant_id, asked):
            yield page

    async def to_delete(self, tenant_id: str, policy: Policy, now: datetime) -> AsyncIterator[Sequence[StoredMessage]]:
        """All that has been archived long enough."""
        async for page in self._pages(_TO_DELETE, tenant_id, {"before": policy.delete_before(now)}):
            yield page

    async def _surplus_up_to(self, tenant_id: str, policy: Policy) -> UUID | None:
        if policy.max_items is None:
            return None
        async with self._database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(_SURPLUS_UP_TO, {"tenant": tenant_id, "keep": policy.max_items})
            row = await cursor.fetchone()
        return None if row is None else row["message_id"]

    async def _pages(
        self, statement: str, tenant_id: str, asked: Mapping[str, object]
    ) -> AsyncIterator[Sequence[StoredMessage]]:
        place: tuple[str, int, UUID] = ("", 0, _NIL)
        while True:
            user_id, seq, message_id = place
            parameters = {**asked, "tenant": tenant_id, "user": user_id, "seq": seq, "message": message_id}
            async with self._database.transaction([tenant_id]) as connection:
                rows = await _rows(connection, statement, {**parameters, "page": self._page})
            if rows:
                yield [_message(row) for row in rows]
            if len(rows) < self._page:
                return
            place = rows[-1]["user_id"], rows[-1]["from_seq"], rows[-1]["message_id"]


async def _rows(connection: Connection, statement: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    cursor = await connection.execute(statement.encode(), parameters)
    return await cursor.fetchall()


def _message(row: Mapping[str, Any]) -> StoredMessage:
    return StoredMessage(
        user_id=row["user_id"],
        message_id=row["message_id"],
        importance=row["importance_score"],
        created_at=row["created_at"],
        archived_at=row["archived_at"],
        surplus=row["surplus"],
    )
