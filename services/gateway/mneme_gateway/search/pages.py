"""Reads what a user's index lacks, page by page, each page one statement."""

from __future__ import annotations

import asyncio
from datetime import datetime

from mneme_common.domain.identifiers import EPOCH
from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Connection, Database, Row
from mneme_gateway.search.index import UserIndex
from mneme_gateway.search.statements import PAGE, POSITION_AT, TIME_OF, WRITTEN_SINCE

_BYTES_WORTH_A_THREAD = 16_384


class IndexPages:
    """Brings an index to the present, or to a position of the past."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def extend(self, index: UserIndex, scope: Scope, at: int | None = None) -> bool:
        """Reads on from the index's position to the present, or to ``at``.

        False, and nothing done, when the ledger ends before the index does, which is another ledger, or when the user
        has been erased since, of which the index would never hear: what is erased is not closed. When this
        raises midway the index is not settled and of no use any more.
        """
        if at is None and index.position and await self._is_level(index, scope):
            return True
        async with self._database.transaction([scope.tenant_id]) as connection:
            row = await _page(connection, scope, index.position, at)
            end = int(row["position"])
            if end < index.position or 0 < index.position < int(row["erased"]):
                return False
            pages = range(index.position, end, PAGE)
            for after in pages:
                if after > index.position:
                    row = await _page(connection, scope, after, end)
                await _take_in(index, row)
        if len(pages) > 1:
            await asyncio.to_thread(index.settle, end)
        else:
            index.settle(end)
        return True

    async def _is_level(self, index: UserIndex, scope: Scope) -> bool:
        """Whether nothing was written since, as most often: less to ask for than a page."""
        ends = await self._database.call("ledger_end", (scope.tenant_id, scope.user_id))
        return bool(ends) and ends[0]["erased"] <= index.position == ends[0]["head"]

    async def position_at(self, scope: Scope, moment: datetime) -> int:
        """The last ledger position that was applied by then; 0 when there is none."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(POSITION_AT, _named(scope) | {"moment": moment})
            row = await cursor.fetchone()
        return int(row["seq"]) if row else 0

    async def time_of(self, scope: Scope, position: int) -> datetime | None:
        """When the ledger had come to the position; None when it has not yet."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(TIME_OF, _named(scope) | {"position": position})
            row = await cursor.fetchone()
        head, applied_at = (row["head_seq"], row["applied_at"]) if row else (0, None)
        return None if position > head else applied_at or EPOCH


async def _page(connection: Connection, scope: Scope, after: int, at: int | None) -> Row:
    cursor = connection.cursor(binary=True)
    await cursor.execute(WRITTEN_SINCE, _named(scope) | {"after": after, "at": at}, prepare=True)
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("an aggregate without groups always gives one row")
    return row


async def _take_in(index: UserIndex, row: Row) -> None:
    """Large pages are cut into terms beside the event loop; one task at a time changes an index."""
    size = len(row["message_text"] or b"") + len(row["memory_text"] or b"")
    if size < _BYTES_WORTH_A_THREAD:
        index.extend(row)
    else:
        await asyncio.to_thread(index.extend, row)


def _named(scope: Scope) -> dict[str, object]:
    return {"tenant": scope.tenant_id, "user": scope.user_id}
