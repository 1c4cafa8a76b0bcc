"""Settings of retention."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from mneme_common.contracts.jobs import EVERY_TENANT
from mneme_common.settings.model import ModelSettings
from mneme_common.settings.worker import WorkerSettings


class RetentionSettings(WorkerSettings, ModelSettings):
    """``retention_mode``: whether age or importance is reason enough to archive a message, or only both together.

    Schedules are in seconds, 0 is never; ``retention_tenants`` is ``*`` or a list, with commas between (S2-28).

    The policy runs by the clock only when asked to: by default it would take imported history out of search (decision
    18). So do reflections: they concern users with ``reflection_threshold`` new memories, or any new ones once the
    interval is over. ``distiller`` unset means the model when there is an API key, else without one.
    """

    retention_mode: Literal["any", "all"] = "any"
    retention_schedule_seconds: int = Field(default=0, ge=0)
    expiry_schedule_seconds: int = Field(default=60, ge=0)
    distiller: Literal["extractive", "openai"] | None = None
    reflection_schedule_seconds: int = Field(default=0, ge=0)
    reflection_threshold: int = Field(default=20, ge=1)
    reflection_interval_hours: float = Field(default=24.0, gt=0)
    retention_tenants: Annotated[list[str], NoDecode] = Field(default_factory=lambda: [EVERY_TENANT])

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.distiller == "openai" and self.openai_api_key is None and self.openai_base_url is None:
            raise ValueError("MNEME_DISTILLER=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys")
        return self

    @property
    def distils_with_model(self) -> bool:
        """Whether a model distils."""
        return self.openai_api_key is not None if self.distiller is None else self.distiller == "openai"

    @field_validator("retention_tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
