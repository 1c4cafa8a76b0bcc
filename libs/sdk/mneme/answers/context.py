"""A context: what was found, packed into a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Provenance(Answer):
    """Where something comes from; ``version`` is a memory's, or a message's revision."""

    id: str
    kind: str
    version: int = 1
    root_id: str | None = None
    source: str = ""
    source_message_ids: tuple[str, ...] = ()
    session_id: str | None = None
    role: str | None = None
    name: str | None = None
    occurred_at: datetime | None = None
    created_at: datetime | None = None
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ContextItem(Provenance):
    """A line of the context, ``[number] date speaker: text``; ``duplicates`` say the same and were left out."""

    number: int
    content: str
    line: str
    tokens: int = 0
    pinned: bool = False
    duplicates: tuple[Provenance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dropped(Answer):
    """Something that was found and is not in the context, by reason of the budget or as a duplicate."""

    id: str
    kind: str
    score: float = 0.0
    reason: str = ""
    source_message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Context(Answer):
    """A text to put before a model. The same request gives the same text, and ``pack_hash``, its SHA-256."""

    context: str
    items: tuple[ContextItem, ...] = ()
    used_tokens: int
    token_budget: int
    dropped: tuple[Dropped, ...] = ()
    pack_hash: str
    tokenizer: str
    position: int | None = None
    as_of: datetime | None = None
    degraded: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return self.context

    def __iter__(self) -> Iterator[ContextItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
