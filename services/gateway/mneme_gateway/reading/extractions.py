"""Which messages an extractor has read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database

_ASK_EVERY_SECONDS = 0.1


class ExtractionReader:
    """Looks for the rows that every extraction leaves, also one that found nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
