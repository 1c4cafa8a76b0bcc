"""Commands on memories of the classes that a tenant has defined (S1-39 to S1-48)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mneme_common.contracts.commands import (
    ConversationId,
    EventData,
    Label,
    MemoryContent,
    Metadata,
    Tags,
    Text,
    Unit,
    Version,
)
from mneme_common.domain.vocabulary import TrustTier

REKEYED_AT_ONCE = 500
"""Memories in one command."""


class StoreRecord(EventData):
    """``record.store``: a memory of one of the tenant's classes; the identity fields among ``values`` say which.

    Values that are given replace those that are known, the others stay. Without ``content`` the values are its text.
    """

    memory_class: Label
    values: Metadata
    content: MemoryContent | None = None
    tags: Tags = Field(default_factory=list)
    namespace: Label | None = None
    session_id: ConversationId | None = None
    subject_id: Label | None = None
    author_id: Label | None = None
    trust_tier: TrustTier = TrustTier.T1
    initial_confidence: Unit | None = None
    importance: Unit | None = None
    pinned: bool = False
    expires_at: datetime | None = None
    observed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    source: Label = "api"
    extra_metadata: Metadata = Field(default_factory=dict)
    expected_version: Version | None = None


class ApplySchema(EventData):
    """``schema.apply``: the identity keys of these memories, all of one class, as the schema in force has them."""

    memory_class: Label
    memory_ids: Annotated[list[UUID], Field(min_length=1, max_length=REKEYED_AT_ONCE)]
    job_id: Text
