"""Extraction from one text, in requests and answers (features.md, S1-42 to S1-45)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from mneme_common.contracts.commands import ConversationId, Label, MessageContent
from mneme_common.domain.memory_schema import Name
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vocabulary import Role
from mneme_gateway.schemas.parts import Owned, UtcTime


class ExtractIn(Owned):
    """A text to read for what to remember."""

    message: MessageContent = Field(examples=["Book: title Dune; author Frank Herbert"])
    turn_id: Label | None = Field(None, description="A name of yours: the same turn is recorded once.")
    memory_class: Name | None = Field(None, description="Only what is found of this class is answered.")
    store: bool = Field(True, description="`false`: say what would be proposed, and keep nothing.")
    role: Role = Role.USER
    name: Label | None = None
    session_id: ConversationId | None = Field(None, description="Absent: `default`.")
    namespace: Label | None = None
    occurred_at: UtcTime | None = None


class ExtractDecision(BaseModel):
    """One thing that was found, and what was decided about it; of a text that is not kept, what would be proposed."""

    action: str
    basis: str | None = None
    bm25_score: float | None = None
    rule: str | None = None
    object_id: str | None = Field(None, description="The memory, in all its versions.")
    memory_id: str | None = None
    memory_class: str | None = None
    values: dict[str, JsonValue] | None = None
    content: str | None = None
    confidence: float | None = None


class ExtractOut(BaseModel):
    """What was found. `pending`: the text has not been read in time. When it is stored, it will be; else ask again."""

    status: Literal["done", "pending"] = "done"
    stored: bool
    message_id: UUID | None = None
    extractor: str | None = None
    model: str | None = None
    decisions: list[ExtractDecision] = Field(default_factory=list)
