"""The data of commands and turns: what is to be written. Tenant and user are in the record key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mneme_common.domain.limits import (
    CONVERSATION_ID_MAX,
    MEMORY_CONTENT_MAX_BYTES,
    MESSAGE_CONTENT_MAX,
    NAME_PATTERN,
    NOTED_AT_ONCE,
    TAGS_MAX,
    VERSION_MAX,
)
from mneme_common.domain.metadata import JsonValue, bounded_metadata
from mneme_common.domain.vocabulary import Kind, MemoryType, Role, TrustTier


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not contain NUL")
    return text


def _message_content(text: str) -> str:
    text = _without_nul(text).strip()
    if not text:
        raise ValueError("content must not be empty")
    return text


def _memory_content(text: str) -> str:
    text = _message_content(text)
    if len(text.encode()) > MEMORY_CONTENT_MAX_BYTES:
        raise ValueError(f"content must have at most {MEMORY_CONTENT_MAX_BYTES} bytes")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
Label = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_without_nul)]
ConversationId = Annotated[str, Field(min_length=1, max_length=CONVERSATION_ID_MAX, pattern=NAME_PATTERN)]
MessageContent = Annotated[str, Field(max_length=MESSAGE_CONTENT_MAX), AfterValidator(_message_content)]
MemoryContent = Annotated[str, AfterValidator(_memory_content)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(bounded_metadata)]
Tags = Annotated[list[Label], Field(max_length=TAGS_MAX)]
Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Version = Annotated[int, Field(ge=1, le=VERSION_MAX)]


class EventData(BaseModel):
    """Data of an event: frozen, and tolerant of fields that a newer producer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RecordMessage(EventData):
    """``message.record``: keep what was said. With ``remember``, keep it as a memory too (S4-22 without a model).

    ``remembered`` is what that memory says where the message's own words have been deleted since; nobody sends it.
    """

    conversation_id: ConversationId
    role: Role
    content: MessageContent
    name: Label | None = None
    metadata: Metadata = Field(default_factory=dict)
    importance_override: Unit | None = None
    namespace: Label | None = None
    occurred_at: datetime | None = None
    remember: bool = False
    remembered: MemoryContent | None = None


class Turn(RecordMessage):
    """``turn``: what a direct producer says was said; version 0 is the bare JSON form that names tenant and user."""

    remember: Literal[False] = False
    remembered: None = None


class UpdateMessage(EventData):
    """``message.update``: change what is given, keep the rest, as a new revision (S2-03).

    With ``expected_revision`` only that revision is changed.
    """

    message_id: UUID
    content: MessageContent | None = None
    metadata: Metadata | None = None
    importance_override: Unit | None = None
    archived: bool | None = None
    expected_revision: Version | None = None


class DeleteMessage(EventData):
    """``message.delete``: close the message; with ``expected_revision`` only that one."""

    message_id: UUID
    expected_revision: Version | None = None


class StoreMemory(EventData):
    """``memory.store``; the identity is ``key``, else the text. All versions it was distilled from must still hold."""

    content: MemoryContent
    kind: Kind
    memory_type: MemoryType
    key: Label | None = None
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
    source: Label = "api"
    extra_metadata: Metadata = Field(default_factory=dict)
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    source_memory_ids: list[UUID] = Field(default_factory=list, max_length=100)
    op: Literal["store", "teach"] = "store"
    reason: Text | None = None
    expected_version: Version | None = None


class ReviseMemory(EventData):
    """``memory.revise``: a new version of the memory that any id of its chain names; what is not given stays.

    ``memory_id`` None says that nothing was found to revise, so that a retry is told so too. ``cleared`` are fields
    that are to have no value any more. With ``expected_version`` only that version is revised.
    """

    memory_id: UUID | None = None
    op: Literal["version", "correct"] = "version"
    content: MemoryContent | None = None
    values: Metadata | None = None
    kind: Kind | None = None
    memory_type: MemoryType | None = None
    tags: Tags | None = None
    trust_tier: TrustTier | None = None
    initial_confidence: Unit | None = None
    importance: Unit | None = None
    pinned: bool | None = None
    expires_at: datetime | None = None
    observed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    extra_metadata: Metadata | None = None
    cleared: list[Literal["expires_at", "valid_from", "valid_to"]] = Field(default_factory=list)
    source: Label | None = None
    reason: Text | None = None
    expected_version: Version | None = None


class DeleteMemory(EventData):
    """``memory.delete``: end the chain with a tombstone; ``memory_id`` as in ``memory.revise``.

    With ``op`` forget the outcome also names the version that was ended.
    """

    memory_id: UUID | None = None
    op: Literal["delete", "forget"] = "delete"
    reason: Text | None = None
    expected_version: Version | None = None


class UndoMemory(EventData):
    """``memory.undo``: go back to what held before the last decision on the memory that any of its ids names.

    With ``version``, only if that is the memory's last version.
    """

    memory_id: UUID
    version: int | None = Field(default=None, ge=1)
    reason: Text | None = None


class UndoOperation(EventData):
    """``operation.undo``: the same for every memory that one event wrote, all of them or none."""

    event_id: UUID
    reason: Text | None = None


class Span(EventData):
    """Where in the source message a proposal comes from: character offsets and the words themselves."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: Text


class Proposal(EventData):
    """One thing that an extractor wants remembered (``create``) or forgotten (``delete``)."""

    action: Literal["create", "delete"]
    memory_class: Label
    values: Metadata
    content: MemoryContent
    confidence: Unit
    tags: Tags = Field(default_factory=list)
    observed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    rule: Label | None = None
    spans: list[Span] = Field(default_factory=list)


class RecalledSpan(EventData):
    """Where the source message repeats a record of the user's; that piece was not read again."""

    record_id: UUID
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Usage(EventData):
    """Tokens that an extraction cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0


class ProposeMemories(EventData):
    """``memories.proposed``: all proposals drawn from one revision of a message."""

    message_id: UUID
    revision: int
    source_event_id: UUID
    extractor: Label
    model: Label | None = None
    prompt_hash: str | None = None
    schema_version: Label
    run: Label = "live"
    usage: Usage = Field(default_factory=Usage)
    recalled: list[RecalledSpan] = Field(default_factory=list)
    proposals: list[Proposal] = Field(default_factory=list)


class ReadRevision(EventData):
    """One revision of a message that has been read."""

    message_id: UUID
    revision: int
    source_event_id: UUID


class NoteExtractions(EventData):
    """``extractions.noted``: revisions of one user's messages that were read and in which nothing was found."""

    revisions: list[ReadRevision] = Field(min_length=1, max_length=NOTED_AT_ONCE)
    extractor: Label
    model: Label | None = None
    prompt_hash: str | None = None
    schema_version: Label
    run: Label = "live"


class ApplyRetention(EventData):
    """``retention.apply``: archive or delete messages, end memories; what has changed meanwhile is left alone."""

    archive_message_ids: list[UUID] = Field(default_factory=list)
    delete_message_ids: list[UUID] = Field(default_factory=list)
    expire_memory_ids: list[UUID] = Field(default_factory=list)
    decay_memory_ids: list[UUID] = Field(default_factory=list)
    reason: Text
    job_id: str


JsonObject = dict[str, Any]
