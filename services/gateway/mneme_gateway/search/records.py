"""The records behind the results, read by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database, Row
from mneme_gateway.search.documents import MEMORY
from mneme_gateway.search.index import View


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
        found = await self._memories(scope, memories) if memories else {}
        if messages:
            found |= await self._messages(scope, view, messages)
        return found

    async def _memories(self, scope: Scope, places: dict[UUID, int]) -> dict[int, Row]:
        rows = await self._database.call("found_memories", (scope.tenant_id, scope.user_id, list(places)))
        return {places[row["memory_id"]]: row for row in rows}

    async def _messages(self, scope: Scope, view: View, places: dict[UUID, int]) -> dict[int, Row]:
        revisions = [int(view.documents.revision[place]) for place in places.values()]
        owner = (scope.tenant_id, scope.user_id)
        rows = await self._database.call("found_messages", (*owner, list(places), revisions))
        return {places[row["message_id"]]: row for row in rows}
