"""The decision behind a version of a memory, found by the event that wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mneme_common.domain.identifiers import record_id
from mneme_gateway.auth.caller import Scope
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database
from mneme_gateway.schemas.decisions import CandidateOut, DecisionOut
from mneme_gateway.writing.operations import OperationIds

# The tenant is compared in a way that no index serves, so that both rows are looked up by their keys.
_BEHIND = """
SELECT m.memory_id, m.root_id, m.version, l.event_id, l.event_type, l.decision, l.decider_version, l.seq, l.applied_at
FROM memories AS m CROSS JOIN LATERAL (SELECT * FROM ledger AS l WHERE l.event_id = m.event_id OFFSET 0) AS l
WHERE m.memory_id = %(id)s AND m.tenant_id || '' = %(tenant)s AND m.user_id || '' = %(user)s
    AND l.tenant_id || '' = m.tenant_id
"""
_SAID = ("message.record", "turn")
_IDS = ("target", "restored")
_WHOLE = ("thresholds", "extractor", "model", "prompt_hash", "schema_version")


class DecisionReader:
    """Reads decisions; those of memories that have ended too."""

    def __init__(self, database: Database, operations: OperationIds) -> None:
        self._database = database
        self._operations = operations

    async def behind(self, scope: Scope, memory_id: UUID) -> DecisionOut:
        """What was decided when the version was written; raises ApiError 404."""
        owner = {"tenant": scope.tenant_id, "user": scope.user_id}
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(_BEHIND, owner | {"id": memory_id})
            row = await cursor.fetchone()
        if row is None:
            raise not_found("Memory")
        action = _action(row)
        shown = {name: value for name, value in action.items() if name not in (*_IDS, "candidates")}
        shown |= {name: UUID(action[name]).hex for name in _IDS if action.get(name)}
        shown |= {name: row["decision"].get(name) for name in _WHOLE}
        return DecisionOut.model_validate(
            {
                **shown,
                "memory_id": row["memory_id"].hex,
                "root_id": row["root_id"].hex,
                "version": row["version"],
                "operation_id": self._operations.of(scope, row["event_id"]),
                "type": row["event_type"],
                "candidates": [_candidate(candidate) for candidate in action.get("candidates", [])],
                "decider_version": row["decider_version"],
                "position": row["seq"],
                "applied_at": row["applied_at"],
            }
        )


def _action(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one of the event's choices that wrote this version: ids are made of the event and the place in it."""
    actions: Sequence[Mapping[str, Any]] = row["decision"]["actions"]
    if row["event_type"] in _SAID:
        return actions[-1]  # the first choice is about the message
    for index, action in enumerate(actions):
        if record_id(row["applied_at"], row["event_id"], index) == row["memory_id"]:
            return action
    return actions[0]


def _candidate(given: Mapping[str, Any]) -> CandidateOut:
    return CandidateOut.model_validate({**given, "memory_id": UUID(given["memory_id"]).hex})
