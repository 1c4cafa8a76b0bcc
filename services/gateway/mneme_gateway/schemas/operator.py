"""What operators ask and are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from mneme_gateway.schemas.health import StageHealth
from mneme_gateway.schemas.parts import RequestModel, TenantId, UserId


class StageStatus(StageHealth):
    """A stage as its workers report it, with its open dead letters."""

    processed: int
    dead_letters: int


class BrokerStatus(BaseModel):
    """The log that is in use; direct producers connect to ``bootstrap``."""

    incarnation: str
    bootstrap: str
    state: str
    started_at: datetime


class Unfinished(BaseModel):
    """Accepted and not recorded (journal), recorded and not extracted, recorded and not found by vector."""

    journal: int
    extraction: int
    indexing: int


class SystemStatus(BaseModel):
    """The whole pipeline; ``oldest_unfinished_seconds`` is the age of the oldest event that some stage still owes."""

    stages: list[StageStatus]
    unfinished: Unfinished
    oldest_unfinished_seconds: float | None
    broker: BrokerStatus | None


class DeadLetterOut(BaseModel):
    """One record that a stage could not process."""

    letter_id: UUID
    tenant_id: str
    user_id: str
    stage: str
    topic: str
    partition: int
    offset: int
    incarnation: str
    event_id: UUID | None
    event_type: str | None
    reason: str
    detail: str
    attempts: int
    buried_at: datetime
    redriven_at: datetime | None
    resolved_at: datetime | None


class DeadLetterDetail(DeadLetterOut):
    """With the original bytes: as text where they are UTF-8, and in base64."""

    key: str | None
    value_text: str | None
    value_base64: str | None
    headers: list[tuple[str, str]]


class DeadLetters(BaseModel):
    """A page of dead letters, newest first; ``next_cursor`` asks for the page after it."""

    items: list[DeadLetterOut]
    total: int
    next_cursor: str | None = None


class Redrive(RequestModel):
    """Which letters to send again: those named, or all open ones of a stage."""

    letter_ids: list[UUID] = Field(default_factory=list, max_length=500)
    stage: str | None = Field(None, max_length=64)


class Redriven(BaseModel):
    """The letters whose records are on their way again; each is resolved when its stage has succeeded."""

    redriven: list[UUID]


class ReplayIn(RequestModel):
    """Fold the ledger of a tenant, of one user, or of everybody, into empty tables and compare (``verify``)."""

    verify: Literal[True] = True
    redecide: bool = False
    tenant_id: TenantId | None = None
    user_id: UserId | None = None


class JobOut(BaseModel):
    """A job: queued, running, done or failed."""

    job_id: UUID
    tenant_id: str
    kind: str
    status: str
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


RetentionAction = Literal["archive", "delete", "decay"]


class RetentionRunIn(RequestModel):
    """Apply the tenant's retention policy (S2-27)."""

    tenant_id: TenantId | None = None
    actions: list[RetentionAction] = Field(default=["archive", "delete"], max_length=3)
    dry_run: bool = False
    decay_below: float = Field(
        0.05, ge=0.0, le=1.0, description="`decay` ends memories that are weaker: importance, fading while not needed."
    )


class RetentionRunOut(BaseModel):
    """How many messages the run archived and deleted, how many memories it ended; in a dry run, would."""

    archived: int
    deleted: int
    decayed: int | None = Field(None, description="Memories that have come to an end, where `decay` was asked for.")
    dry_run: bool


class PolicyIn(RequestModel):
    """What to change of a retention policy (S2-29); `max_items: null` lifts that limit."""

    tenant_id: TenantId | None = None
    max_age_days: int | None = Field(None, ge=1, le=3650)
    importance_threshold: float | None = Field(None, ge=0, le=1)
    max_items: int | None = Field(None, ge=1, le=2**31 - 1)
    delete_after_days: int | None = Field(None, ge=1, le=3650)

    @field_validator("max_age_days", "importance_threshold", "delete_after_days", mode="before")
    @classmethod
    def _is_a_number(cls, value: object) -> object:
        if value is None:
            raise ValueError("leave it out to keep it; it cannot be null")
        return value


class PolicyOut(BaseModel):
    """A tenant's retention policy."""

    tenant_id: str
    max_age_days: int
    importance_threshold: float
    max_items: int | None
    delete_after_days: int
    updated_at: datetime
