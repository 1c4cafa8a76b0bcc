"""Decisions and their undoing in requests and answers (features.md, S1-44, S1-47)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from mneme_common.contracts.commands import Label
from mneme_gateway.schemas.memories import MemoryId, MemoryOut
from mneme_gateway.schemas.parts import Owned

Reason = Annotated[Label | None, Field(description="Kept in the memory's history.")]


class CandidateOut(BaseModel):
    """A memory that was considered: its similarity (0 to 1), and whether identity fields agree or disagree."""

    memory_id: MemoryId
    score: float
    overlap: bool = False
    contradicts: bool = False


class DecisionOut(BaseModel):
    """Why a version of a memory is as it is. Ids, scores and names of rules: a decision holds no text.

    `target` is the version that was replaced or ended, `restored` the one that was gone back to.
    """

    memory_id: MemoryId
    root_id: MemoryId
    version: int
    operation_id: str
    type: str = Field(examples=["memories.proposed"])
    action: str = Field(examples=["update"])
    basis: str = Field(examples=["identity", "bm25", "create_only", "request"])
    rule: str | None = None
    score: float | None = None
    target: MemoryId | None = None
    restored: MemoryId | None = None
    candidates: list[CandidateOut] = Field(default_factory=list)
    thresholds: dict[str, float] | None = None
    extractor: str | None = None
    model: str | None = None
    prompt_hash: str | None = None
    schema_version: str | None = None
    decider_version: str
    position: int
    applied_at: datetime


class UndoIn(Owned):
    """Which decision to undo: the memory's last one."""

    version: Annotated[int | None, Field(ge=1, description="Only if this is the memory's last version.")] = None
    reason: Reason = None


class UndoOperationIn(Owned):
    """Why an operation is undone."""

    reason: Reason = None


class UndoneOperation(BaseModel):
    """The versions that undoing an operation wrote, one for each memory that it had changed."""

    memories: list[MemoryOut]
