"""Conversations, derived from their messages when read: there is no row to keep level with them."""

from __future__ import annotations

from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database, Row
from mneme_gateway.reading.moments import Past, is_open, opened
from mneme_gateway.schemas.conversations import ConversationOut, ConversationPage

_GROUPS = (
    "SELECT conversation_id, count(*) AS message_count, max(occurred_at) AS last_message_at,"
    " min(created_at) AS created_at, max(updated_at) AS updated_at, bool_and(archived) AS archived"
    " FROM messages WHERE tenant_id = %(tenant)s AND user_id = %(user)s"
)


class ConversationReader:
    """Reads the conversations of one user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, scope: Scope, *, archived: bool | None, page: int, page_size: int, past: Past | None = None
    ) -> ConversationPage:
        """One page, newest message first."""
        parameters = {
            "tenant": scope.tenant_id,
            "user": scope.user_id,
            "archived": archived,
            "limit": page_size,
            "offset": (page - 1) * page_size,
            **opened(past),
        }
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                f"WITH kept AS ({_GROUPS} AND {is_open(past)} GROUP BY conversation_id"
                " HAVING %(archived)s::boolean IS NULL OR bool_and(archived) = %(archived)s::boolean)"
                " SELECT p.*, t.total FROM (SELECT count(*) AS total FROM kept) AS t LEFT JOIN LATERAL ("
                " SELECT * FROM kept ORDER BY last_message_at DESC, conversation_id LIMIT %(limit)s OFFSET %(offset)s"
                ") AS p ON true",
                parameters,
            )
            rows = await cursor.fetchall()
        found = [_conversation(scope, row) for row in rows if row["conversation_id"] is not None]
        return ConversationPage(conversations=found, total=rows[0]["total"], page=page, page_size=page_size)

    async def get(self, scope: Scope, conversation_id: str, past: Past | None = None) -> ConversationOut:
        """One conversation; raises ApiError 404 when it has no message."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                f"{_GROUPS} AND {is_open(past)} AND conversation_id = %(conversation)s GROUP BY conversation_id",
                {"tenant": scope.tenant_id, "user": scope.user_id, "conversation": conversation_id, **opened(past)},
            )
            row = await cursor.fetchone()
        if row is None:
            raise not_found("Conversation")
        return _conversation(scope, row)


def _conversation(scope: Scope, row: Row) -> ConversationOut:
    return ConversationOut(
        id=row["conversation_id"],
        tenant_id=scope.tenant_id,
        user_id=scope.user_id,
        **{name: value for name, value in row.items() if name != "total"},
    )
