"""The state of a write in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from mneme_common.domain.metadata import JsonValue


class OperationOut(BaseModel):
    """What became of a write, and why the resolver decided as it did."""

    operation_id: str
    status: Literal["pending", "applied", "refused", "buried"]
    type: str | None = Field(None, examples=["message.record"])
    outcome: dict[str, JsonValue] | None = None
    decision: dict[str, JsonValue] | None = None
    position: int | None = None
    applied_at: datetime | None = None
    links: dict[str, str] = Field(default_factory=dict)
