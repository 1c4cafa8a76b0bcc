"""Decisions: why a version of a memory is as it is, and what undoing wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.answers.memories import Memory
from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Candidate(Answer):
    """A memory that was considered: its similarity (0 to 1), and whether identity fields agree or disagree."""

    memory_id: str
    score: float = 0.0
    overlap: bool = False
    contradicts: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision(Answer):
    """What was compared and by which rule it was chosen.

    ``target`` is the version that was replaced or ended, ``restored`` the one that was gone back to.
    """

    memory_id: str
    root_id: str = ""
    version: int = 1
    operation_id: str = ""
    type: str = ""
    action: str = ""
    basis: str = ""
    rule: str | None = None
    score: float | None = None
    target: str | None = None
    restored: str | None = None
    candidates: tuple[Candidate, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    extractor: str | None = None
    model: str | None = None
    prompt_hash: str | None = None
    schema_version: str | None = None
    decider_version: str = ""
    position: int | None = None
    applied_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UndoneOperation(Answer):
    """The versions that undoing an operation wrote."""

    memories: tuple[Memory, ...] = ()
