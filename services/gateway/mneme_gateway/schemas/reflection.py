"""Reflection in requests and answers (features.md, S1-14, S4-38, S4-39)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from mneme_gateway.schemas.parts import Owned


class ReflectIn(Owned):
    """Whose memories to reflect on."""


class ReflectOut(BaseModel):
    """How many memories were made or renewed, of how many groups that belong together; 202 while it goes on."""

    status: Literal["done", "pending"] = "done"
    scenes_created: int = 0
    candidates_found: int = 0
    ended: int = 0


class CandidateMemory(BaseModel):
    """A memory of a group."""

    memory_id: str
    content: str


class Candidate(BaseModel):
    """Memories that belong together, or contradict each other."""

    signal: Literal["contradiction", "semantic_cluster"]
    importance: float
    memories: list[CandidateMemory]


class CandidatesOut(BaseModel):
    """The groups that a reflection would distil."""

    status: Literal["done", "pending"] = "done"
    candidates: list[Candidate]
