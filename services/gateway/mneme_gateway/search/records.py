"""The records behind the results, read by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Connection, Database, Row
from mneme_gateway.search.documents import MEMORY
from mneme_gateway.search.index import View
from mneme_gateway.search.statements import MEMORY_ROWS, MESSAGE_ROWS


class RecordRows:
    """Reads the versions that a view shows, whatever has been written since."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, scope: Scope, view: View, places: Sequence[int]) -> dict[int, Row]:
        """The row of each document; what has been erased meanwhile is missing."""
        if not places:
            return {}
        memories = {view.record_id(place): place for place in places if view.documents.kind[place] == MEMORY}
        messages = {view.record_id(place): place for place in places if view.documents.kind[place] != MEMORY}
        async with self._database.transaction([scope.tenant_id]) as connection:
            found = await _memories(connection, scope, memories) if memories else {}
            if messages:
                found |= await _messages(connection, scope, view, messages)
        return found


async def _memories(connection: Connection, scope: Scope, places: dict[UUID, int]) -> dict[int, Row]:
    cursor = await connection.execute(MEMORY_ROWS, _named(scope) | {"ids": list(places)})
    return {places[row["memory_id"]]: row for row in await cursor.fetchall()}


async def _messages(connection: Connection, scope: Scope, view: View, places: dict[UUID, int]) -> dict[int, Row]:
    revisions = [int(view.documents.revision[place]) for place in places.values()]
    cursor = await connection.execute(MESSAGE_ROWS, _named(scope) | {"ids": list(places), "revisions": revisions})
    return {places[row["message_id"]]: row for row in await cursor.fetchall()}


def _named(scope: Scope) -> dict[str, object]:
    return {"tenant": scope.tenant_id, "user": scope.user_id}
