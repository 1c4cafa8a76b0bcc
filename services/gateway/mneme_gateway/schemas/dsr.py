"""Requests of data subjects in requests and answers (features.md, S1-37)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from mneme_gateway.schemas.parts import Owned


class SubjectIn(Owned):
    """Whose memory it is about; absent parts are the credential's."""


class SubjectRequestOut(BaseModel):
    """A request as it stands; `receipt` names every store once it is done."""

    id: UUID
    kind: Literal["erase"]
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
    api_keys: list[dict[str, Any]]
    audit_events: list[dict[str, Any]]
