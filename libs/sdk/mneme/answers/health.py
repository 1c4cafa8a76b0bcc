"""What works, and how far each stage is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class StageHealth(Answer):
    """The workers of one stage together: ``lag`` in records not processed yet."""

    stage: str
    workers: int
    ready: int
    lag: int
    per_second: float = 0.0
    oldest_pending_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Health(Answer):
    """``status`` is ok, degraded (a stage or the log is away) or down (no database: nothing can be answered)."""

    status: str
    timestamp: datetime
    database: str = "ok"
    broker: str = "ok"
    version: str = ""
    embedding: str = ""
    uptime_seconds: float = 0.0
    stages: tuple[StageHealth, ...] = ()
    notes: tuple[str, ...] = ()
