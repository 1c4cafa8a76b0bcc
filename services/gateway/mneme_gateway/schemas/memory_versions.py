"""New versions of memories in requests and answers (features.md, S1-15 to S1-18, C3)."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import AliasChoices, BaseModel, Field, StringConstraints, model_validator

from mneme_common.contracts.commands import Label, MemoryContent, Metadata, Tags, Text, Unit
from mneme_common.domain.limits import BATCH_MAX
from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier
from mneme_gateway.schemas.memories import Lifetime, MemoryFieldsIn, MemoryId, MemoryOut, kinds_agree, times_agree
from mneme_gateway.schemas.parts import ItemError, ItemPending, Owned, UtcTime
from mneme_gateway.schemas.search import QueryText

_REASON_MAX = 1000
_SCOPE = {"tenant_id", "user_id"}

Reason = Annotated[Text, StringConstraints(max_length=_REASON_MAX), Field(description="Kept in the memory's history.")]
NewContent = Annotated[
    MemoryContent,
    Field(validation_alias=AliasChoices("new_content", "content"), examples=["Ada lives in Lisbon."]),
]


class TeachIn(MemoryFieldsIn):
    """Something to remember because somebody said so on purpose; `label` becomes a tag.

    A label that is the name of a kind (fact, event, goal, rule, trait, signal, document) is also its `type`.
    """

    label: Label | None = None


class VersionIn(Owned):
    """What the new version says otherwise; the rest stays as it is. `null` takes a time away."""

    content: MemoryContent | None = Field(None, examples=["Ada lives in Lisbon."])
    values: Metadata | None = Field(None, description="Fields of its class; they are added to those that stay.")
    memory_type: MemoryType | Kind | None = None
    type: Kind | None = None
    tags: Tags | None = None
    trust_tier: TrustTier | None = None
    initial_confidence: Unit | None = None
    importance: Unit | None = None
    pinned: bool | None = None
    ttl_days: Lifetime | None = None
    expires_at: UtcTime | None = None
    observed_at: UtcTime | None = None
    valid_from: UtcTime | None = Field(None, description="From when it is true.")
    valid_to: UtcTime | None = Field(None, description="Until when it is true; that moment excluded.")
    extra_metadata: Metadata | None = None
    metadata: Metadata | None = Field(None, description="Another name of `extra_metadata`.")
    source: Label | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - _SCOPE - {"reason"}:
            raise ValueError("nothing is said of the new version: give content, or another field to change")
        if self.metadata is not None and self.extra_metadata not in (None, self.metadata):
            raise ValueError("metadata and extra_metadata name the same thing and differ")
        kinds_agree(self.memory_type, self.type)
        times_agree(self)
        return self

    @property
    def cleared(self) -> list[str]:
        """The times that are to be taken away."""
        times = ("expires_at", "valid_from", "valid_to")
        return [name for name in times if name in self.model_fields_set and getattr(self, name) is None]


class CorrectionIn(Owned):
    """What is true instead."""

    new_content: NewContent
    reason: Reason | None = None


class CorrectMatchIn(CorrectionIn):
    """What is true instead, of the memory that best matches the query."""

    query: QueryText = Field(examples=["Where does Ada live?"])


class CorrectIn(CorrectionIn):
    """What is true instead, of the memory that is named or that best matches the query."""

    memory_id: UUID | None = None
    query: QueryText | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.memory_id is None) == (self.query is None):
            raise ValueError("give memory_id or query, and not both")
        return self


class ForgetIn(Owned):
    """Memories to forget: one, several, or the one that best matches the query."""

    memory_id: UUID | None = None
    memory_ids: Annotated[list[UUID], Field(min_length=1, max_length=BATCH_MAX)] | None = None
    query: QueryText | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_one_way(self) -> Self:
        if sum(given is not None for given in (self.memory_id, self.memory_ids, self.query)) != 1:
            raise ValueError("give one of memory_id, memory_ids and query")
        return self


class CorrectedMemory(MemoryOut):
    """The new version; `replaced_id` names the one before."""

    replaced_id: MemoryId | None = None
    matched_memory_id: MemoryId | None = Field(None, description="The version that the query was found to mean.")


class Forgotten(BaseModel):
    """One memory that was forgotten: the id asked for, the memory, and the tombstone that ends its history."""

    memory_id: MemoryId
    root_id: MemoryId
    tombstone_id: MemoryId


class ForgetOut(BaseModel):
    """What became of each memory; `message_index` of an error or a pending one is its place in the request."""

    forgotten: list[Forgotten] = Field(default_factory=list)
    matched_memory_id: MemoryId | None = None
    errors: list[ItemError] = Field(default_factory=list)
    pending: list[ItemPending] = Field(default_factory=list)
