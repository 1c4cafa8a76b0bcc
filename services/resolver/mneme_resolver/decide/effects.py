"""What an event changes: rows to add, rows to close, and the outcome that its sender is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.contracts.changes import Change
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory, Message


@dataclass(frozen=True, slots=True)
class ClosedMessage:
    """A revision that is current no more, from ``to_seq`` on."""

    message_id: UUID
    revision: int
    to_seq: int


@dataclass(frozen=True, slots=True)
class ClosedMemory:
    """A version that is current no more, and why; ``tombstone`` when it said that there was none."""

    memory_id: UUID
    to_seq: int
    status: str
    superseded_by: UUID
    tombstone: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    """The extraction row of one revision: it has been read, whatever was found in it."""

    source_event_id: UUID
    schema_version: str
    run: str
    message_id: UUID
    revision: int
    extractor: str
    model: str | None
    prompt_hash: str | None
    usage: dict[str, JsonValue]
    proposals: int
    recalled: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Effects:
    """Everything that follows from one event."""

    outcome: dict[str, JsonValue] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    closed_messages: list[ClosedMessage] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    closed_memories: list[ClosedMemory] = field(default_factory=list)
    extractions: list[Extraction] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def joined(parts: Sequence[Effects]) -> Effects:
    """The rows and changes of several parts as those of one event; their outcomes are left out."""
    whole = Effects()
    for part in parts:
        whole.messages += part.messages
        whole.closed_messages += part.closed_messages
        whole.memories += part.memories
        whole.closed_memories += part.closed_memories
        whole.changes += part.changes
    return whole
