"""Records in requests: memories of a tenant's own classes (features.md, S1-39, S1-43, S1-46)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mneme_common.contracts.commands import ConversationId, Label, MemoryContent, Metadata, Tags, Unit
from mneme_common.domain.memory_schema import Name
from mneme_common.domain.vocabulary import TrustTier
from mneme_gateway.schemas.memories import Lifetime, times_agree
from mneme_gateway.schemas.parts import Owned, UtcTime


class RecordIn(Owned):
    """A record of a class of the tenant's active schema. It is a new version of the one that its values identify."""

    memory_class: Name = Field(examples=["book"])
    values: Annotated[Metadata, Field(min_length=1)] = Field(
        description="By column; those of a record that is known already and are not given stay.",
        examples=[{"title": "Dune", "pages": 412}],
    )
    content: MemoryContent | None = Field(None, description="How it reads; absent: made of the values.")
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
    valid_from: UtcTime | None = None
    valid_to: UtcTime | None = None
    extra_metadata: Metadata = Field(default_factory=dict)
    source: Label = "api"

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        times_agree(self)
        return self
