"""Conversations in answers: what is known of one from its messages (features.md, S2-18)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from mneme_common.domain.metadata import JsonValue


class ConversationOut(BaseModel):
    """One conversation of a user; it is archived when all of its messages are."""

    id: str
    conversation_id: str
    tenant_id: str
    user_id: str
    title: str | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    message_count: int
    last_message_at: datetime
    created_at: datetime
    updated_at: datetime
    archived: bool


class ConversationPage(BaseModel):
    """A page of conversations, the latest first."""

    conversations: list[ConversationOut]
    total: int
    page: int
    page_size: int
