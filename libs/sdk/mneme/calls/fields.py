"""Arguments as JSON: times, messages in OpenAI's form, ids in paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypedDict, TypeVar
from urllib.parse import quote

T = TypeVar("T")

BATCH_MAX = 100

Moment = datetime | str | int
"""What was known then: a time (a naive one is UTC), or a ledger position."""

MessageLike = str | Mapping[str, object]
"""A text (of role user), or a message: role, content, name, user_id, occurred_at, conversation_id, metadata, ..."""


class MessageFields(TypedDict, total=False):
    """What a message may say besides its content.

    ``name`` is the speaker, ``occurred_at`` when it was said (absent: now), ``importance`` from 0 to 1.
    """

    role: str
    name: str | None
    conversation_id: str | None
    occurred_at: datetime | str | None
    metadata: Mapping[str, object] | None
    importance: float | None
    namespace: str | None


class MessageChanges(TypedDict, total=False):
    """What may be changed of a message; what is not named stays."""

    content: str | None
    metadata: Mapping[str, object] | None
    importance: float | None
    archived: bool | None


class RememberedFields(TypedDict, total=False):
    """What may be said of whatever is remembered. ``valid_from`` and ``valid_to`` say when it is true."""

    tags: Sequence[str] | None
    namespace: str | None
    session_id: str | None
    subject_id: str | None
    trust_tier: str | None
    initial_confidence: float | None
    importance: float | None
    pinned: bool | None
    ttl_days: float | None
    expires_at: datetime | str | None
    valid_from: datetime | str | None
    valid_to: datetime | str | None
    observed_at: datetime | str | None
    source: str | None
    extra_metadata: Mapping[str, object] | None


class MemoryFields(RememberedFields, total=False):
    """What a memory may say besides its content.

    ``key`` names what it is about: the next store with the same key is its next version. ``memory_type`` is one of
    semantic, profile, procedural, working, tool_result, episodic; ``type`` one of fact, event, goal, rule, trait,
    signal, document; either implies the other.
    """

    key: str | None
    memory_type: str | None
    type: str | None


class RecordFields(RememberedFields, total=False):
    """What a record may say besides its values; without ``content`` its text is made of them."""

    content: str | None


def as_json(values: Mapping[str, object]) -> dict[str, object]:
    """What is given, with times as RFC 3339 (without a zone: UTC)."""
    return {
        name: _moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }


def as_message(message: MessageLike) -> dict[str, object]:
    """The message as the API takes it; parts of OpenAI's content become one text."""
    if isinstance(message, str):
        return {"role": "user", "content": message}
    known = as_json(message)
    content = known.get("content")
    if isinstance(content, Sequence) and not isinstance(content, str):
        known["content"] = "\n".join(_texts(content))
    return known


def as_messages(messages: MessageLike | Iterable[MessageLike]) -> list[dict[str, object]]:
    """One message, or several."""
    if isinstance(messages, str | Mapping):
        return [as_message(messages)]
    return [as_message(message) for message in messages]


def chunks(items: Sequence[T], size: int = BATCH_MAX) -> Iterator[Sequence[T]]:
    """The items in order, at most ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def segment(identifier: str) -> str:
    """An id as one segment of a path; raises ValueError for an empty one, which would name the whole list."""
    if not identifier:
        raise ValueError("the id must not be empty")
    return quote(str(identifier), safe="")


def nothing(_: object) -> None:
    """Reads an answer without a body."""


def _moment(value: datetime) -> str:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _texts(parts: Sequence[object]) -> Iterator[str]:
    for part in parts:
        text = part.get("text") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            yield text
