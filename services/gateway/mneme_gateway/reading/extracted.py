"""What was decided about what an extractor found in a message."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mneme_common.domain.identifiers import record_id
from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database
from mneme_gateway.reading.memories import MemoryReader
from mneme_gateway.schemas.extract import ExtractDecision

# The ledger row is looked up by its key.
_DECIDED = """
SELECT l.event_id, l.event_type, l.decision, l.applied_at
FROM extractions AS x CROSS JOIN LATERAL (SELECT * FROM ledger AS l WHERE l.event_id = x.event_id OFFSET 0) AS l
WHERE x.tenant_id = %(tenant)s AND x.user_id = %(user)s AND x.source_event_id = %(source)s AND x.run = 'live'
    AND l.tenant_id = x.tenant_id
ORDER BY x.seq LIMIT 1
"""
_WRITES = ("create", "update", "delete")


class ExtractedReader:
    """Reads decisions by the message that they are about."""

    def __init__(self, database: Database, memories: MemoryReader) -> None:
        self._database = database
        self._memories = memories

    async def decided(self, scope: Scope, source_event_id: UUID) -> tuple[dict[str, Any], list[ExtractDecision]]:
        """What read the message, and the choices in the order of its findings; none when it held nothing."""
        asked = {"tenant": scope.tenant_id, "user": scope.user_id, "source": source_event_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            row = await (await connection.execute(_DECIDED, asked)).fetchone()
        if row is None:
            return {}, []
        decision = row["decision"]
        read_by = {"extractor": decision.get("extractor"), "model": decision.get("model")}
        if row["event_type"] != "memories.proposed":
            return read_by, []
        named = [_memory_of(row, index, action) for index, action in enumerate(decision["actions"])]
        versions = await self._memories.versions(scope, [memory_id for memory_id in named if memory_id is not None])
        decisions = []
        for action, memory_id in zip(decision["actions"], named, strict=True):
            known = versions.get(memory_id) if memory_id is not None else None
            decisions.append(
                ExtractDecision(
                    action=action["action"],
                    basis=action.get("basis"),
                    bm25_score=action.get("score"),
                    rule=action.get("rule"),
                    object_id=known.root_id if known else None,
                    memory_id=known.memory_id if known else None,
                    memory_class=known.memory_class if known else None,
                    values=known.values if known else None,
                    content=known.content if known else None,
                    confidence=known.initial_confidence if known else None,
                )
            )
        return read_by, decisions


def _memory_of(row: dict[str, Any], index: int, action: dict[str, Any]) -> UUID | None:
    """The version that a choice wrote, else the one that it is about."""
    if action["action"] in _WRITES:
        return record_id(row["applied_at"], row["event_id"], index)
    return UUID(action["target"]) if action.get("target") else None
