"""Rectifications: the audit event is the request, the ledger knows what became of it; neither holds what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller, Scope
from mneme_gateway.control.audit import note
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.dsr import SubjectRequestOut
from mneme_gateway.writing.writer import Result

_REQUESTED = "SUBJECT_RECTIFICATION_REQUESTED"
_FIND = f"SELECT * FROM audit_events WHERE event_id = %s AND event_type = '{_REQUESTED}'"
_OUTCOMES = """
SELECT l.event_id, l.status, l.outcome, l.seq, l.applied_at FROM unnest(%(ids)s::uuid[]) AS w (event_id)
CROSS JOIN LATERAL (SELECT * FROM ledger WHERE ledger.event_id = w.event_id OFFSET 0) AS l
WHERE l.tenant_id = %(tenant)s AND l.user_id = %(user)s
"""
_DERIVED = """
SELECT memory_id, source_message_ids FROM memories
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND to_seq IS NULL AND NOT tombstone
    AND source_message_ids && %(messages)s::text[]
ORDER BY memory_id
"""
_KEPT = "earlier versions and revisions stay in the history of their records; forgetting or erasing ends them"


class Rectifications:
    """Notes requests and tells how far they have come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, caller: Caller, scope: Scope, results: Sequence[Result], request_id: UUID | None) -> UUID:
        """Puts a request on the audit trail, with the events that do it; a repeated one stays as it was noted."""
        request_id = request_id or uuid4()
        items: list[JsonValue] = [_item(result) for result in results]
        async with self._database.transaction([scope.tenant_id]) as connection:
            await note(
                connection,
                caller,
                scope.tenant_id,
                _REQUESTED,
                {"items": items},
                user_id=scope.user_id,
                event_id=request_id,
            )
        return request_id

    async def get(self, caller: Caller, request_id: UUID) -> SubjectRequestOut | None:
        """The request as it stands; None when there is none, or it is not the caller's."""
        async with self._database.transaction([caller.tenant_id], operator=caller.is_master) as connection:
            row = await (await connection.execute(_FIND, (request_id,))).fetchone()
        if row is None or not (caller.is_master or row["user_id"] == caller.user_id):
            return None
        items = row["meta"]["items"]
        async with self._database.transaction([row["tenant_id"]]) as connection:
            outcomes = await _outcomes(connection, row, items)
            derived = await _derived(connection, row, items)
        return _described(row, [_told(item, outcomes, derived) for item in items], outcomes)


def _item(result: Result) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = {"record": str(result.write.request["record"]), "id": str(result.write.request["id"])}
    if result.sent is None:
        refusal = result.refusal
        return named | {"status": "refused", "code": refusal.code if refusal is not None else "REFUSED"}
    return named | {"event_id": str(result.sent.event_id)}


async def _outcomes(connection: Connection, row: dict[str, Any], items: list[Any]) -> dict[str, dict[str, Any]]:
    ids = [item["event_id"] for item in items if "event_id" in item]
    asked = {"ids": ids, "tenant": row["tenant_id"], "user": row["user_id"]}
    return {str(found["event_id"]): found for found in await (await connection.execute(_OUTCOMES, asked)).fetchall()}


async def _derived(connection: Connection, row: dict[str, Any], items: list[Any]) -> dict[str, list[str]]:
    """Live memories that were drawn from the messages, whoever should look at them too."""
    messages = [item["id"] for item in items if item["record"] == "message"]
    if not messages:
        return {}
    asked = {"tenant": row["tenant_id"], "user": row["user_id"], "messages": messages}
    found: dict[str, list[str]] = {message: [] for message in messages}
    for memory in await (await connection.execute(_DERIVED, asked)).fetchall():
        for message in set(memory["source_message_ids"]) & set(found):
            found[message].append(memory["memory_id"].hex)
    return found


def _told(item: dict[str, Any], outcomes: dict[str, Any], derived: dict[str, list[str]]) -> dict[str, Any]:
    told: dict[str, Any] = {"record": item["record"], "id": item["id"]}
    found = outcomes.get(item.get("event_id", ""))
    if found is None:
        return (
            told | {"status": item.get("status", "pending")} | {name: item[name] for name in ("code",) if name in item}
        )
    outcome = found["outcome"]
    told["position"] = found["seq"]
    if found["status"] != "applied":
        return told | {"status": "refused", "code": outcome.get("code"), "detail": outcome.get("detail")}
    told["status"] = "rectified"
    if item["record"] == "message":
        return told | {"revision": outcome.get("revision"), "derived_memory_ids": derived.get(item["id"], [])}
    return told | {"memory_id": UUID(outcome["memory_id"]).hex}


def _described(row: dict[str, Any], items: list[dict[str, Any]], outcomes: dict[str, Any]) -> SubjectRequestOut:
    done = all(item["status"] != "pending" for item in items)
    last: datetime = max([row["happened_at"], *(found["applied_at"] for found in outcomes.values())])
    counts = {status: sum(item["status"] == status for item in items) for status in ("rectified", "refused")}
    receipt = {"user_id": row["user_id"], **counts, "records": items, "kept": [_KEPT]}
    return SubjectRequestOut(
        id=row["event_id"],
        kind="rectify",
        status="done" if done else "running",
        tenant_id=row["tenant_id"],
        user_id=row["user_id"],
        requested_at=row["happened_at"],
        finished_at=last if done else None,
        receipt=receipt if done else None,
    )
