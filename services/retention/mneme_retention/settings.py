"""Settings of retention."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from mneme_common.contracts.jobs import EVERY_TENANT
from mneme_common.settings.worker import WorkerSettings


class RetentionSettings(WorkerSettings):
    """``retention_mode``: whether age or importance is reason enough to archive a message, or only both together.

    Schedules are in seconds, 0 is never; ``retention_tenants`` is ``*`` or a list, with commas between (S2-28).

    The policy runs by the clock only when asked to: by default it would take imported history out of search (decision
    18). So do reflections: they concern users with ``reflection_threshold`` new memories, or any new ones once the
    interval is over.
    """

    retention_mode: Literal["any", "all"] = "any"
    retention_schedule_seconds: int = Field(default=0, ge=0)
    expiry_schedule_seconds: int = Field(default=60, ge=0)
    reflection_schedule_seconds: int = Field(default=0, ge=0)
    reflection_threshold: int = Field(default=20, ge=1)
    reflection_interval_hours: float = Field(default=24.0, gt=0)
    retention_tenants: Annotated[list[str], NoDecode] = Field(default_factory=lambda: [EVERY_TENANT])

    @field_validator("retention_tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
