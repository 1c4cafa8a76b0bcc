"""What the journaling bot answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mneme.decoding import Answer, wire_name


@dataclass(frozen=True, kw_only=True)
class JournalChange(Answer):
    """What a message has changed in memory; ``value`` is None when it is deleted."""

    action: str
    bucket: str = wire_name("type")
    id: str
    key: str
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class Turn(Answer):
    """The bot's answer; ``pending`` names what of it was not known in time."""

    response: str | None = None
    memory_changes: tuple[JournalChange, ...] | None = None
    message_id: str
    response_id: str | None = None
    answered_by: str | None = None
    pending: tuple[str, ...] = ()
    position: int

    @property
    def changes(self) -> tuple[JournalChange, ...]:
        """The changes, possibly none."""
        return self.memory_changes or ()


@dataclass(frozen=True, kw_only=True)
class JournalItem(Answer):
    """One thing known; no other of its type has this key."""

    id: str
    key: str
    value: str


@dataclass(frozen=True, kw_only=True)
class JournalMemories(Answer):
    """Who the user is, how they operate, what matters now, patterns noticed."""

    identity: tuple[JournalItem, ...] = ()
    principles: tuple[JournalItem, ...] = ()
    focus: tuple[JournalItem, ...] = ()
    signals: tuple[JournalItem, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, JournalItem]]:
        for bucket in ("identity", "principles", "focus", "signals"):
            for item in getattr(self, bucket):
                yield bucket, item


@dataclass(frozen=True, kw_only=True)
class JournalMessage(Answer):
    """Something that was written; ``sender`` is user or bot, ``timestamp`` in milliseconds."""

    id: str
    content: str
    sender: str
    timestamp: int


@dataclass(frozen=True, kw_only=True)
class JournalMessages(Answer):
    """The latest messages, the oldest of them first; ``next_cursor`` leads to those before."""

    messages: tuple[JournalMessage, ...] = ()
    next_cursor: str | None = None

    def __iter__(self) -> Iterator[JournalMessage]:
        return iter(self.messages)


@dataclass(frozen=True, kw_only=True)
class Cleared(Answer):
    """What was cleared."""

    success: bool
    message: str
    messages_cleared: int = 0
    memories_cleared: int = 0
