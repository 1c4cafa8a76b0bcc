"""Which messages an extractor has read, and what it was that read them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database
from mneme_gateway.schemas.extraction import MessageExtraction

_ASK_EVERY_SECONDS = 0.1
_OF_MESSAGE = """
    SELECT m.message_id, m.revision, x.extractor, x.model, x.prompt_hash, x.schema_version, x.run, x.proposals,
        x.created_at AS extracted_at, w.reason, w.retry_at,
        CASE WHEN x.extractor IS NOT NULL THEN 'done' WHEN w.reason IS NOT NULL THEN 'postponed' ELSE 'pending' END
            AS status
    FROM messages AS m
    LEFT JOIN extractions AS x ON x.tenant_id = m.tenant_id AND x.source_event_id = m.event_id
    LEFT JOIN postponed_extractions AS w
        ON w.tenant_id = m.tenant_id AND w.user_id = m.user_id AND w.event_id = m.event_id
    WHERE m.tenant_id = %s AND m.user_id = %s AND m.message_id = %s AND m.to_seq IS NULL
    ORDER BY x.seq DESC NULLS LAST LIMIT 1
"""


class ExtractionReader:
    """Looks for the rows that every extraction leaves, also one that found nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_message(self, scope: Scope, message_id: UUID) -> MessageExtraction:
        """The latest extraction of a message's current revision, without its memories; raises ApiError 404."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(_OF_MESSAGE, (scope.tenant_id, scope.user_id, message_id))
            row = await cursor.fetchone()
        if row is None:
            raise not_found("Message")
        return MessageExtraction(**row)

    async def all_read(self, scope: Scope, event_ids: Sequence[UUID], deadline: float) -> bool:
        """Waits until each of the events has been read, or the deadline (loop time) is over."""
        clock = asyncio.get_running_loop().time
        while not await self._read(scope, event_ids):
            if clock() + _ASK_EVERY_SECONDS > deadline:
                return False
            await asyncio.sleep(_ASK_EVERY_SECONDS)
        return True

    async def _read(self, scope: Scope, event_ids: Sequence[UUID]) -> bool:
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT count(DISTINCT source_event_id) AS found FROM extractions"
                " WHERE tenant_id = %s AND user_id = %s AND source_event_id = ANY(%s)",
                (scope.tenant_id, scope.user_id, list(event_ids)),
            )
            row = await cursor.fetchone()
        return row is not None and row["found"] == len(set(event_ids))
