"""Observation in requests and answers (features.md, S4-22)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from mneme_common.contracts.commands import ConversationId, Label, Metadata, Text
from mneme_common.domain.limits import BATCH_MAX, MESSAGE_CONTENT_MAX
from mneme_common.domain.vocabulary import MemoryType, Role
from mneme_gateway.schemas.parts import ItemError, ItemPending, Owned, RequestModel, UtcTime

ObservedContent = Annotated[Text, Field(max_length=MESSAGE_CONTENT_MAX)]


class ObservedMessage(RequestModel):
    """One message of a dialogue; an empty one is passed over."""

    role: Role
    content: ObservedContent = Field(examples=["I am allergic to peanuts."])
    name: Label | None = None
    occurred_at: UtcTime | None = None
    metadata: Metadata = Field(default_factory=dict)


class ObserveIn(Owned):
    """A stretch of dialogue from which to remember what matters."""

    messages: list[ObservedMessage] = Field(min_length=1, max_length=BATCH_MAX)
    session_id: ConversationId | None = Field(None, description="Absent: `default`.")
    namespace: Label | None = None
    source_event_ids: list[Label] = Field(default_factory=list, max_length=50)
    turn_count: int | None = Field(None, ge=0)


class ObservedMemory(BaseModel):
    """A memory that the dialogue gave."""

    memory_id: str
    content: str
    memory_type: MemoryType


class ObserveOut(BaseModel):
    """What was remembered; 202 while some of it is still on its way."""

    memories: list[ObservedMemory]
    warning: str | None = None
    message_ids: list[str] = Field(default_factory=list)
    errors: list[ItemError] = Field(default_factory=list)
    pending: list[ItemPending] = Field(default_factory=list)
    position: int | None = None
