"""Health in answers (features.md, S0-35, S2-37, S4-61)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Status = Literal["ok", "degraded", "down"]


class StageHealth(BaseModel):
    """The workers of one stage, from their own reports."""

    stage: str
    workers: int
    ready: int
    lag: int
    per_second: float
    oldest_pending_seconds: float | None = None


class RetentionHealth(BaseModel):
    """The policy run that ended last, of whichever tenant (S3-04)."""

    last_run: datetime
    last_result: Literal["done", "failed"]


class Health(BaseModel):
    """What works: `down` without the database, `degraded` while a stage or the log is away."""

    status: Status
    database: Literal["ok", "down"]
    broker: Literal["ok", "away"]
    timestamp: datetime
    latency_ms: float
    uptime_seconds: float
    environment: str
    version: str
    embedding: str
    stages: list[StageHealth] = Field(default_factory=list)
    retention: RetentionHealth | None = Field(None, description="Absent before the first run.")
    notes: list[str] = Field(default_factory=list)


class InstanceHealth(BaseModel):
    """One gateway process."""

    status: Status
    instance_id: str
    db: Literal["ok", "down"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
