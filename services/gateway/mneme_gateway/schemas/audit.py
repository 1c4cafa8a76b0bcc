"""The audit trail in answers (features.md, S0-31)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

EventType = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Z_]+$", examples=["SUBJECT_ERASED"])]


class AuditEventOut(BaseModel):
    """Who did what, or asked for it; `user_id` is whose memory or key it was about, absent for a whole tenant."""

    event_id: UUID
    tenant_id: str
    user_id: str | None
    event_type: str
    actor: str = Field(examples=["master", "acme/ada"])
    reason_code: str | None
    meta: dict[str, Any] = Field(description="Ids and counts; never content.")
    happened_at: datetime


class AuditPage(BaseModel):
    """Events, newest first."""

    items: list[AuditEventOut]
    next_cursor: str | None = None
