"""Messages as they are now: current revisions of one user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

from mneme_common.domain.identifiers import point_id
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Connection, Database, Row
from mneme_gateway.reading.cursors import decode_cursor, encode_cursor
from mneme_gateway.reading.moments import Past, is_open, opened
from mneme_gateway.schemas.messages import MessageOut, MessagePage

_COLUMNS = (
    "message_id, revision, tenant_id, user_id, conversation_id, role, name, content, metadata, importance_score,"
    " importance_override, namespace, archived, occurred_at, created_at, updated_at, from_seq"
)
_OWN = "tenant_id = %(tenant)s AND user_id = %(user)s"


class MessageReader:
    """Reads messages; ``model`` names the vectors that make a message found by meaning now."""

    def __init__(self, database: Database, model: Callable[[], str]) -> None:
        self._database = database
        self._model = model

    async def get(self, scope: Scope, message_id: UUID, past: Past | None = None) -> MessageOut:
        """One message, as it is or was; raises ApiError 404."""
        found = await self.some(scope, [message_id], past)
        if message_id not in found:
            raise not_found("Message")
        return found[message_id]

    async def some(self, scope: Scope, message_ids: Sequence[UUID], past: Past | None = None) -> dict[UUID, MessageOut]:
        """Those of the messages that there are."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS} FROM messages WHERE {_OWN} AND {is_open(past)} AND message_id = ANY(%(ids)s)",
                {"ids": list(message_ids), **_named(scope), **opened(past)},
            )
            rows = await cursor.fetchall()
            indexed = await self._indexed(connection, scope, rows)
        return {row["message_id"]: _message(row, indexed) for row in rows}

    async def of_conversation(
        self,
        scope: Scope,
        conversation_id: str,
        *,
        limit: int,
        cursor: str | None,
        newest_first: bool,
        past: Past | None = None,
        may_be_empty: bool = False,
    ) -> MessagePage:
        """A page in the order of what was said; raises ApiError 404 without any, unless it may be empty."""
        direction, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        parameters = {"conversation": conversation_id, "limit": limit + 1, **_named(scope), **opened(past)}
        position = ""
        if cursor is not None:
            moment, message_id = decode_cursor(cursor)
            position = f"AND (occurred_at, message_id) {beyond} (%(moment)s, %(after)s)"
            parameters |= {"moment": moment, "after": message_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            found = await connection.execute(
                f"SELECT {_COLUMNS} FROM messages WHERE {_OWN} AND {is_open(past)}"
                f" AND conversation_id = %(conversation)s {position}"
                f" ORDER BY occurred_at {direction}, message_id {direction} LIMIT %(limit)s",
                parameters,
            )
            rows = await found.fetchall()
            indexed = await self._indexed(connection, scope, rows)
        if not rows and cursor is None and not may_be_empty:
            raise not_found("Conversation")
        page = rows[:limit]
        more = len(rows) > limit
        return MessagePage(
            conversation_id=conversation_id,
            messages=[_message(row, indexed) for row in page],
            next_cursor=encode_cursor(page[-1]["occurred_at"], page[-1]["message_id"]) if more else None,
        )

    async def _indexed(self, connection: Connection, scope: Scope, rows: Sequence[Row]) -> set[UUID]:
        points = [point_id(row["message_id"], row["revision"]) for row in rows]
        cursor = await connection.execute(
            "SELECT point_id FROM indexed WHERE tenant_id = %s AND model = %s AND point_id = ANY(%s)",
            (scope.tenant_id, self._model(), points),
        )
        return {row["point_id"] for row in await cursor.fetchall()}


def _named(scope: Scope) -> dict[str, object]:
    return {"tenant": scope.tenant_id, "user": scope.user_id}


def _message(row: Row, indexed: set[UUID]) -> MessageOut:
    point = point_id(row["message_id"], row["revision"])
    status: Literal["pending", "completed"] = "completed" if point in indexed else "pending"
    fields = {name: value for name, value in row.items() if name not in ("message_id", "from_seq")}
    return MessageOut(id=row["message_id"], position=row["from_seq"], embedding_status=status, **fields)
