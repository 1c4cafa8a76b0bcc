"""Memories in requests and answers (features.md, S4-01 to S4-06, C1, C2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Protocol, Self

from pydantic import BaseModel, Field, model_validator

from mneme_common.contracts.commands import ConversationId, Label, MemoryContent, Metadata, Tags, Unit
from mneme_common.domain.limits import BATCH_MAX
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier
from mneme_gateway.schemas.parts import ItemError, ItemPending, Owned, UtcTime

_TTL_DAYS_MAX = 36_500

Lifetime = Annotated[float, Field(gt=0, le=_TTL_DAYS_MAX)]
MemoryId = Annotated[str, Field(description="A UUIDv7 as 32 hex characters.")]


def kinds_agree(memory_type: MemoryType | Kind | None, kind: Kind | None) -> None:
    """Raises ValueError when the two names of a memory's type (C1) are of different kinds."""
    if isinstance(memory_type, Kind) and kind not in (None, memory_type):
        raise ValueError("memory_type and type name different kinds")


class Times(Protocol):
    """The times of a memory in a request."""

    ttl_days: float | None
    expires_at: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None


def times_agree(times: Times) -> None:
    """Raises ValueError for two ways to say when it expires, or an end before the beginning."""
    if times.ttl_days is not None and times.expires_at is not None:
        raise ValueError("give ttl_days or expires_at, not both")
    if times.valid_from is not None and times.valid_to is not None and times.valid_to < times.valid_from:
        raise ValueError("valid_to is before valid_from")


class MemoryFieldsIn(Owned):
    """What may be said of something to remember."""

    content: MemoryContent = Field(examples=["Ada prefers tea to coffee."])
    memory_type: MemoryType | Kind | None = Field(
        None, description="How it serves an agent; `semantic` when neither this nor `type` is given."
    )
    type: Kind | None = Field(None, description="What sort of knowledge it is; follows from `memory_type`.")
    key: Label | None = Field(None, description="A name of yours: the same key is the same memory.")
    tags: Tags = Field(default_factory=list)
    namespace: Label | None = None
    session_id: ConversationId | None = None
    subject_id: Label | None = None
    author_id: Label | None = None
    trust_tier: TrustTier = TrustTier.T1
    initial_confidence: Unit | None = Field(None, description="Absent: the trust tier's.")
    importance: Unit | None = None
    pinned: bool = False
    ttl_days: Lifetime | None = None
    expires_at: UtcTime | None = None
    observed_at: UtcTime | None = None
    valid_from: UtcTime | None = Field(None, description="From when it is true.")
    valid_to: UtcTime | None = Field(None, description="Until when it is true; that moment excluded.")
    extra_metadata: Metadata = Field(default_factory=dict)
    metadata: Metadata | None = Field(None, description="Another name of `extra_metadata`.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.metadata is not None and self.extra_metadata not in ({}, self.metadata):
            raise ValueError("metadata and extra_metadata name the same thing and differ")
        kinds_agree(self.memory_type, self.type)
        times_agree(self)
        return self


class MemoryIn(MemoryFieldsIn):
    """Something to remember. It replaces what has the same `key`, or without a key the same text."""

    source: Label = "api"


class MemoriesIn(Owned):
    """Up to 100 memories; tenant and user of the batch are those of each memory that names none."""

    memories: list[MemoryIn] = Field(min_length=1, max_length=BATCH_MAX)


class MemoryOut(BaseModel):
    """One version of a memory. `memory_id` names this version, `root_id` the memory in all its versions."""

    memory_id: MemoryId
    id: MemoryId
    root_id: MemoryId
    version: int
    tenant_id: str
    user_id: str
    author_id: str | None = None
    subject_id: str | None = None
    memory_type: MemoryType
    type: Kind
    memory_class: str
    schema_version: str = Field(description="Of its class: `default-1`, or `tenant-N` for one of the tenant's own.")
    key: str | None = None
    content: str
    values: dict[str, JsonValue]
    tags: list[str]
    namespace: str | None = None
    session_id: str | None = None
    trust_tier: TrustTier
    initial_confidence: float
    importance: float
    pinned: bool
    is_active: bool
    status: str
    superseded_by: MemoryId | None = None
    source: str
    source_message_ids: list[str]
    source_memory_ids: list[str] = Field(default_factory=list)
    spans: list[dict[str, JsonValue]]
    extra_metadata: dict[str, JsonValue]
    op: str
    reason: str | None = None
    tombstone: bool
    observed_at: datetime
    created_at: datetime
    expires_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    access_count: int | None = Field(None, description="How often a search has returned it, in any version.")
    last_accessed_at: datetime | None = None
    retrieval_score: float | None = None
    operation_id: str | None = Field(None, description="The write that made this version: its operation says why.")
    position: int
    action: Literal["created", "updated", "unchanged", "restored", "retracted"] | None = Field(
        None, description="What the write did: storing it, or undoing."
    )


class MemoryPage(BaseModel):
    """A page of active memories, the latest first."""

    items: list[MemoryOut]
    next_cursor: str | None = None


class MemoryHistory(BaseModel):
    """Every version of a memory, the first first."""

    memory_id: MemoryId
    root_id: MemoryId
    versions: list[MemoryOut]
    total: int


class MemoryBatchOut(BaseModel):
    """What became of each memory of a batch when not all were stored."""

    created: list[MemoryOut] = Field(default_factory=list)
    errors: list[ItemError] = Field(default_factory=list)
    pending: list[ItemPending] = Field(default_factory=list)
