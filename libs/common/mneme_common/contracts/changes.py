"""The data of changes: what has been written. Ids and positions, and text only where a consumer needs it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from mneme_common.contracts.commands import EventData


class MessageRecorded(EventData):
    """``message.recorded``: a message or a new revision of one, to index, and to extract from unless the text is old.

    ``event_id`` is the event that gave the message this text.
    """

    message_id: UUID
    revision: int
    event_id: UUID
    conversation_id: str
    role: str
    name: str | None = None
    content: str
    namespace: str | None = None
    occurred_at: datetime
    position: int
    extract: bool = True


class MessageChanged(EventData):
    """``message.changed``: a revision closed; its vector closes at ``position``."""

    message_id: UUID
    revision: int
    event_id: UUID
    change: Literal["updated", "archived", "restored", "deleted"]
    position: int


class MemoryChanged(EventData):
    """``memory.changed``: a version of a memory was written, or the chain ended (``content`` None).

    ``closed_id`` is the version that this one replaced; its vector closes at ``position``.
    """

    memory_id: UUID
    root_id: UUID
    version: int
    event_id: UUID
    change: Literal["created", "updated", "deleted", "expired"]
    kind: str
    content: str | None = None
    closed_id: UUID | None = None
    position: int


class EventFailed(EventData):
    """``event.failed``: an event was refused (404, 409, 422) or buried."""

    event_id: UUID
    event_type: str
    status: int
    detail: str
    position: int | None = None


class MemoryIndexed(EventData):
    """``memory.indexed``: these records can be found by vector."""

    model: str
    record_ids: list[UUID]
    position: int


Change = MessageRecorded | MessageChanged | MemoryChanged | EventFailed | MemoryIndexed

CHANGE_TYPES: dict[str, type[EventData]] = {
    "message.recorded": MessageRecorded,
    "message.changed": MessageChanged,
    "memory.changed": MemoryChanged,
    "event.failed": EventFailed,
    "memory.indexed": MemoryIndexed,
}
