"""Requests of data subjects in requests and answers (features.md, S1-37)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from mneme_common.contracts.commands import MemoryContent, MessageContent
from mneme_common.domain.limits import BATCH_MAX
from mneme_gateway.schemas.memory_versions import Reason
from mneme_gateway.schemas.parts import Owned, RequestModel


class SubjectIn(Owned):
    """Whose memory it is about; absent parts are the credential's."""


class RectifiedMemory(RequestModel):
    """What a memory ought to say; any version's id will do."""

    memory_id: UUID
    new_content: MemoryContent


class RectifiedMessage(RequestModel):
    """What a message ought to say."""

    message_id: UUID
    new_content: MessageContent


class RectifyIn(Owned):
    """What is not so, record by record; ids are in searches, lists and the export. At most 100 in all."""

    memories: Annotated[list[RectifiedMemory], Field(max_length=BATCH_MAX)] = Field(default_factory=list)
    messages: Annotated[list[RectifiedMessage], Field(max_length=BATCH_MAX)] = Field(default_factory=list)
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        if not 1 <= len(self.memories) + len(self.messages) <= BATCH_MAX:
            raise ValueError(f"memories and messages must name 1 to {BATCH_MAX} records together")
        return self


class SubjectRequestOut(BaseModel):
    """A request as it stands; once it is done, `receipt` names every store, or every record that was rectified."""

    id: UUID
    kind: Literal["erase", "rectify"]
    status: Literal["queued", "running", "done", "failed"]
    tenant_id: str
    user_id: str
    requested_at: datetime
    finished_at: datetime | None = None
    receipt: dict[str, Any] | None = None
    error: str | None = None


class SubjectExport(BaseModel):
    """Everything that is kept of a user, every version and revision, as it stands at `position`."""

    tenant_id: str
    user_id: str
    position: int
    exported_at: datetime
    messages: list[dict[str, Any]]
    memories: list[dict[str, Any]]
    extractions: list[dict[str, Any]]
    events: list[dict[str, Any]] = Field(description="The ledger: what was done when, without its payloads.")
    feedback: list[dict[str, Any]]
    api_keys: list[dict[str, Any]]
    audit_events: list[dict[str, Any]]
