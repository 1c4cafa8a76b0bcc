"""Decisions: what was chosen and why. They are stored with the event and are all that a replay needs besides it.

No text of a memory enters a decision (guarantee 11): ids, scores, names of rules.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from mneme_common.domain.memory_schema import ActiveSchema

DECIDER_VERSION = "4"
"""Raised when today's code may decide otherwise than yesterday's."""

ActionName = Literal[
    "create", "update", "unchanged", "delete", "expire", "archive", "drop", "refuse", "restore", "retract", "decay"
]
Basis = Literal["identity", "bm25", "create_only", "request", "source", "none"]


class Candidate(BaseModel):
    """A memory that was considered, and how similar it is (0..1)."""

    model_config = ConfigDict(frozen=True)

    memory_id: UUID
    score: float
    overlap: bool = False
    contradicts: bool = False


class Action(BaseModel):
    """One choice. ``target`` is the version that is replaced, ended or confirmed, ``restored`` the one gone back to."""

    model_config = ConfigDict(frozen=True)

    action: ActionName
    basis: Basis = "none"
    target: UUID | None = None
    restored: UUID | None = None
    rule: str | None = None
    score: float | None = None
    candidates: list[Candidate] = Field(default_factory=list)
    status: int | None = None
    code: str | None = None
    detail: str | None = None


class Privacy(BaseModel):
    """Under which version of its tenant's privacy policy the event was scrubbed, and what was found, by category."""

    model_config = ConfigDict(frozen=True)

    policy: int
    found: dict[str, int] = Field(default_factory=dict)


class Decision(BaseModel):
    """All choices for one event, in the order of its items, and what they rested on.

    ``tenant_schema`` holds those of the tenant's own classes that the event concerned, as they were then.
    """

    model_config = ConfigDict(frozen=True)

    actions: list[Action] = Field(default_factory=list)
    thresholds: dict[str, float] | None = None
    extractor: str | None = None
    model: str | None = None
    prompt_hash: str | None = None
    schema_version: str | None = None
    privacy: Privacy | None = None
    switch_version: int | None = None
    tenant_schema: ActiveSchema | None = None

    @property
    def refused(self) -> Action | None:
        """The refusal, when the whole event is refused."""
        return self.actions[0] if self.actions and self.actions[0].action == "refuse" else None


def refuse(status: int, code: str, detail: str) -> Decision:
    """A decision not to apply the event: an outcome, not a failure (guarantee 4)."""
    return Decision(actions=[Action(action="refuse", basis="request", status=status, code=code, detail=detail)])
