"""The journal in requests and answers (features.md, S1-01 to S1-06)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from mneme_common.contracts.commands import MessageContent, Text
from mneme_common.domain.journal import KEY_MAX, MESSAGE_MAX, VALUE_MAX, Bucket
from mneme_gateway.schemas.memories import MemoryId
from mneme_gateway.schemas.parts import Owned


class ChatIn(Owned):
    """Something written to the journal."""

    message: Annotated[Text, StringConstraints(max_length=MESSAGE_MAX)] = Field(examples=["I live in Lisbon."])
    memory_enabled: bool = Field(
        True, description="false: it is kept in the journal, answered without memory, and never read for memories."
    )


class JournalChange(BaseModel):
    """What a message has changed in memory; `value` is null when it is deleted."""

    action: Literal["created", "updated", "deleted"]
    type: Bucket
    id: MemoryId
    key: str
    value: str | None = None


class ChatOut(BaseModel):
    """The journal's answer. In a 202 the message is kept, and some of this is yet to come."""

    response: str | None
    memory_changes: list[JournalChange] | None = Field(None, description="null when nothing has changed.")
    message_id: str
    response_id: str | None = None
    answered_by: str | None = Field(None, description="`rules`, or the model.")
    pending: list[Literal["response", "memory"]] = Field(default_factory=list)
    position: int = Field(description="The place of the message in the user's ledger.")


class JournalItem(BaseModel):
    """One thing known; no other of its type has this key."""

    id: MemoryId
    key: str
    value: str


class JournalMemories(BaseModel):
    """Who the user is, how they operate, what matters now, patterns noticed; each in the order of their making."""

    identity: list[JournalItem] = Field(default_factory=list)
    principles: list[JournalItem] = Field(default_factory=list)
    focus: list[JournalItem] = Field(default_factory=list)
    signals: list[JournalItem] = Field(default_factory=list)


class JournalItemIn(Owned):
    """An item as it is to be. The key becomes lower_snake_case."""

    id: Annotated[Text, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="If given, the one in the path."
    )
    key: Annotated[Text, StringConstraints(min_length=1, max_length=KEY_MAX)]
    value: Annotated[MessageContent, Field(max_length=VALUE_MAX)]


class JournalMessage(BaseModel):
    """Something that was written; `timestamp` in milliseconds."""

    id: str
    content: str
    sender: Literal["user", "bot"]
    timestamp: int


class JournalMessages(BaseModel):
    """The latest of the journal, the oldest first; `next_cursor` leads to what was before."""

    messages: list[JournalMessage]
    next_cursor: str | None = None


class ClearOut(BaseModel):
    """What was cleared."""

    success: bool
    message: str
    messages_cleared: int
    memories_cleared: int
