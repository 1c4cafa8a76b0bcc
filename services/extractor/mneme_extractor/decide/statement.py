"""What was found in an utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mneme_common.domain.metadata import JsonValue

Action = Literal["create", "delete"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to remember or to forget; ``start`` and ``end`` are character offsets into the utterance's content."""

    action: Action
    memory_class: str
    values: dict[str, JsonValue]
    content: str
    confidence: float
    start: int
    end: int
    rule: str | None = None
    tags: tuple[str, ...] = ()
