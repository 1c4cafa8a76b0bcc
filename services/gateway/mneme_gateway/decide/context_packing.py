"""Packing: what is found becomes a context within a budget of tokens (features.md, S1-12; Part 4, item 6).

Pinned before the rest, then by falling score, latest creation, id. What still fits is taken, what does not is
passed over. Equal candidates and an equal budget give equal bytes, in whatever order the candidates come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mneme_gateway.decide.near_duplicates import Repetitions, Statement
from mneme_gateway.decide.token_counting import TOKENIZER, tokens_of_bytes


class DropReason(StrEnum):
    """Why something that was found is not in the context."""

    BUDGET = "budget"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something found. ``text`` is what its line says; ``record_id`` is unique among the candidates."""

    record_id: str
    text: str
    score: float
    created_at: datetime
    pinned: bool = False
    statement: Statement


@dataclass(slots=True)
class PackedItem:
    """A line of the context; ``number`` is the [n] that it begins with. ``repeated_by`` are ids of near duplicates."""

    candidate: Candidate
    number: int
    line: str
    repeated_by: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Pack:
    """A context in the making. Lines end with a newline except the last."""

    budget: int
    items: list[PackedItem] = field(default_factory=list)
    dropped: list[tuple[Candidate, DropReason]] = field(default_factory=list)
    _bytes: int = 0

    @property
    def context(self) -> str:
        """The lines."""
        return "\n".join(item.line for item in self.items)

    @property
    def used_tokens(self) -> int:
        """The tokens of the context, never more than the budget."""
        return tokens_of_bytes(self._bytes)

    @property
    def pack_hash(self) -> str:
        """SHA-256, in hex, of the context's bytes."""
        return hashlib.sha256(self.context.encode()).hexdigest()

    @property
    def tokenizer(self) -> str:
        """How tokens are counted."""
        return TOKENIZER

    def add(self, candidate: Candidate) -> bool:
        """Takes the candidate in if it fits."""
        line = f"[{len(self.items) + 1}] {one_line(candidate.text)}"
        size = self._bytes + len(line.encode()) + (1 if self.items else 0)
        if tokens_of_bytes(size) > self.budget:
            self.dropped.append((candidate, DropReason.BUDGET))
            return False
        self._bytes = size
        self.items.append(PackedItem(candidate, len(self.items) + 1, line))
        return True

    def repeat(self, candidate: Candidate, item: PackedItem) -> None:
        """Leaves the candidate out: the item says it already."""
        item.repeated_by.append(candidate.record_id)
        self.dropped.append((candidate, DropReason.DUPLICATE))


def pack(candidates: Iterable[Candidate], budget: int) -> Pack:
    """The context of the candidates within ``budget`` tokens."""
    packed = Pack(budget)
    ordered = sorted(candidates, key=_place)
    repetitions = Repetitions([candidate.statement for candidate in ordered])
    kept: dict[int, PackedItem] = {}
    for place, candidate in enumerate(ordered):
        earlier = repetitions.first(place, kept)
        if earlier is not None:
            packed.repeat(candidate, kept[earlier])
        elif packed.add(candidate):
            kept[place] = packed.items[-1]
    return packed


def one_line(text: str) -> str:
    """The text without line breaks: nothing that was said can pass for a line of its own."""
    return " ".join(text.split())


def _place(candidate: Candidate) -> tuple[bool, float, float, str]:
    return not candidate.pinned, -candidate.score, -candidate.created_at.timestamp(), candidate.record_id
