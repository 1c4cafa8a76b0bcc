"""Changes told again: the ledger keeps what an event changed as references, the text is read from the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from uuid import UUID

from mneme_common.adapters.postgres import Connection
from mneme_common.contracts.changes import Change, EventFailed, MemoryChanged, MessageChanged, MessageRecorded
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.messages import recorded

Key = tuple[str, UUID]
_MESSAGE_COLUMNS = ", ".join(f"m.{column.name}" for column in fields(Message))
_MEMORY_COLUMNS = ", ".join(f'm."{column.name}"' for column in fields(Memory))
_TEXTS: dict[type[Change], set[str]] = {
    MessageRecorded: {"content", "conversation_id", "role", "name", "namespace", "occurred_at"},
    MemoryChanged: {"content"},
}


def references(changes: Sequence[Change]) -> list[JsonValue]:
    """The changes without anything that was said or by whom, as the ledger keeps them."""
    return [
        {"type": type(change).__name__, **change.model_dump(mode="json", exclude=_TEXTS.get(type(change)))}
        for change in changes
    ]


async def changes_again(
    connection: Connection, events: Mapping[Key, ResolverEvent]
) -> list[tuple[ResolverEvent, list[Change]]]:
    """The changes of events that were applied before, in ledger order."""
    if not events:
        return []
    cursor = await connection.execute(
        "SELECT l.tenant_id, l.event_id, l.event_type, l.seq, l.status, l.outcome"
        " FROM unnest(%s::text[], %s::uuid[]) AS w (tenant_id, event_id)"
        " CROSS JOIN LATERAL ("
        "SELECT * FROM ledger l WHERE l.event_id = w.event_id OFFSET 0) AS l WHERE l.tenant_id = w.tenant_id"
        " ORDER BY l.tenant_id, l.user_id, l.seq",
        ([tenant_id for tenant_id, _ in events], [event_id for _, event_id in events]),
    )
    rows = await cursor.fetchall()
    texts = await _texts(connection, rows)
    return [(events[row["tenant_id"], row["event_id"]], rebuild(row, texts)) for row in rows]


Texts = Mapping[tuple[str, str, int], Message | Memory]
"""(tenant, record id, revision or 0) → the row."""


def rebuild(row: Mapping[str, object], texts: Texts) -> list[Change]:
    """The changes of one ledger row; those whose record is gone (erased) are left out."""
    outcome = row["outcome"]
    if not isinstance(outcome, dict):
        return []
    if row["status"] != "applied":
        return [_failed(row, outcome)]
    changes: list[Change] = []
    for reference in outcome.get("changes", []):
        change = _rebuilt(str(row["tenant_id"]), dict(reference), texts)
        if change is not None:
            changes.append(change)
    return changes


def _rebuilt(tenant_id: str, reference: dict[str, object], texts: Texts) -> Change | None:
    name = reference.pop("type")
    if name == MessageChanged.__name__:
        return MessageChanged.model_validate(reference)
    if name == MessageRecorded.__name__:
        message = texts.get((tenant_id, str(reference["message_id"]), int(str(reference["revision"]))))
        return recorded(message, extract=bool(reference["extract"])) if isinstance(message, Message) else None
    memory = texts.get((tenant_id, str(reference["memory_id"]), 0))
    if not isinstance(memory, Memory):
        return None
    return MemoryChanged.model_validate(reference | {"content": None if memory.tombstone else memory.content})


def _failed(row: Mapping[str, object], outcome: Mapping[str, object]) -> EventFailed:
    return EventFailed.model_validate(
        {
            "event_id": row["event_id"],
            "event_type": row["event_type"],
            "status": outcome.get("status", 500),
            "detail": outcome.get("detail", ""),
            "position": row["seq"],
        }
    )


async def _texts(connection: Connection, rows: Sequence[Mapping[str, object]]) -> Texts:
    wanted: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    for row in rows:
        outcome = row["outcome"]
        for reference in outcome.get("changes", []) if isinstance(outcome, dict) else []:
            if reference["type"] == MessageRecorded.__name__:
                wanted["messages"].add((str(row["tenant_id"]), reference["message_id"], reference["revision"]))
            elif reference["type"] == MemoryChanged.__name__:
                wanted["memories"].add((str(row["tenant_id"]), reference["memory_id"], 0))
    return await _messages(connection, wanted["messages"]) | await _memories(connection, wanted["memories"])


async def _messages(
    connection: Connection, wanted: set[tuple[str, str, int]]
) -> dict[tuple[str, str, int], Message | Memory]:
    if not wanted:
        return {}
    cursor = await connection.execute(
        "SELECT m.* FROM unnest(%s::text[], %s::uuid[], %s::int[]) AS w (tenant_id, message_id, revision)"
        f" CROSS JOIN LATERAL (SELECT {_MESSAGE_COLUMNS} FROM messages m"
        " WHERE m.message_id = w.message_id AND m.revision = w.revision OFFSET 0) AS m WHERE m.tenant_id = w.tenant_id",
        [list(column) for column in zip(*sorted(wanted), strict=True)],
    )
    return {
        (row["tenant_id"], str(row["message_id"]), row["revision"]): Message(**row) for row in await cursor.fetchall()
    }


async def _memories(
    connection: Connection, wanted: set[tuple[str, str, int]]
) -> dict[tuple[str, str, int], Message | Memory]:
    if not wanted:
        return {}
    cursor = await connection.execute(
        "SELECT m.* FROM unnest(%s::text[], %s::uuid[]) AS w (tenant_id, memory_id)"
        f" CROSS JOIN LATERAL (SELECT {_MEMORY_COLUMNS} FROM memories m"
        " WHERE m.memory_id = w.memory_id OFFSET 0) AS m WHERE m.tenant_id = w.tenant_id",
        [list(column) for column in zip(*((tenant, record) for tenant, record, _ in sorted(wanted)), strict=True)],
    )
    return {(row["tenant_id"], str(row["memory_id"]), 0): Memory(**row) for row in await cursor.fetchall()}
