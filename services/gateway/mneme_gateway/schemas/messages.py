"""Messages in requests and answers (features.md, S2-01 to S2-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from mneme_common.contracts.commands import ConversationId, Label, MessageContent, Metadata, Unit
from mneme_common.domain.limits import BATCH_MAX
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vocabulary import Role
from mneme_gateway.schemas.parts import ItemError, ItemPending, Owned, RequestModel, UtcTime

DEFAULT_CONVERSATION = "default"


class MessageIn(Owned):
    """Something that was said, in the manner of OpenAI's messages."""

    conversation_id: ConversationId | None = Field(None, description="Absent: `session_id`, else `default`.")
    session_id: ConversationId | None = Field(None, description="Another name of `conversation_id`.")
    role: Role
    content: MessageContent = Field(examples=["I moved to Berlin last week."])
    name: Label | None = Field(None, description="Who speaks, where several people share a role.")
    metadata: Metadata = Field(default_factory=dict)
    importance_override: Unit | None = None
    importance: Unit | None = Field(None, description="Another name of `importance_override`.")
    namespace: Label | None = None
    occurred_at: UtcTime | None = Field(None, description="When it was said; absent: when it was recorded.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if None not in (self.conversation_id, self.session_id) and self.conversation_id != self.session_id:
            raise ValueError("conversation_id and session_id name the same thing and differ")
        if None not in (self.importance, self.importance_override) and self.importance != self.importance_override:
            raise ValueError("importance and importance_override name the same thing and differ")
        return self

    @property
    def conversation(self) -> str:
        """The conversation under whichever name it was given."""
        return self.conversation_id or self.session_id or DEFAULT_CONVERSATION

    @property
    def override(self) -> float | None:
        """The importance under whichever name it was given."""
        return self.importance if self.importance_override is None else self.importance_override


class MessageUpdate(RequestModel):
    """What to change about a message; what is absent stays."""

    content: MessageContent | None = None
    metadata: Metadata | None = None
    importance_override: Unit | None = None
    archived: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        given = (self.content, self.metadata, self.importance_override, self.archived)
        if all(value is None for value in given):
            raise ValueError("name at least one of content, metadata, importance_override, archived")
        return self


class MessageUpdateIn(MessageUpdate, Owned):
    """The body of PUT /v1/messages/{id}."""


class MessagesIn(Owned):
    """Up to 100 messages; tenant and user of the batch are those of each message that names none."""

    messages: list[MessageIn] = Field(min_length=1, max_length=BATCH_MAX)


class NamedUpdate(RequestModel):
    """One update of a batch."""

    message_id: UUID
    update: MessageUpdate


class MessageUpdatesIn(Owned):
    """Up to 100 updates."""

    updates: list[NamedUpdate] = Field(min_length=1, max_length=BATCH_MAX)


class MessageIdsIn(Owned):
    """Up to 100 messages to delete."""

    message_ids: list[UUID] = Field(min_length=1, max_length=BATCH_MAX)


class MessageOut(BaseModel):
    """A message as it is kept. ``position`` is the place in the user's ledger of what the answer shows."""

    id: UUID
    tenant_id: str
    user_id: str
    conversation_id: str
    role: Role
    name: str | None = None
    content: str
    metadata: dict[str, JsonValue]
    importance_score: float
    importance_override: float | None = None
    embedding_status: Literal["pending", "completed"]
    namespace: str | None = None
    archived: bool
    revision: int
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime
    position: int
    memory_id: UUID | None = Field(None, description="The memory made of it at once, where no model reads it first.")


class BatchOut(BaseModel):
    """What became of each item of a batch: 201 when all were done, else 207."""

    created: list[MessageOut] = Field(default_factory=list)
    updated: list[MessageOut] = Field(default_factory=list)
    deleted: list[UUID] = Field(default_factory=list)
    errors: list[ItemError] = Field(default_factory=list)
    pending: list[ItemPending] = Field(default_factory=list)
    position: int | None = None


class MessagePage(BaseModel):
    """Messages in the order in which they were said."""

    conversation_id: str
    messages: list[MessageOut]
    next_cursor: str | None = None


Cursor = Annotated[str, Field(max_length=256)]
