"""How far a worker is: what its health endpoint says and what its heartbeat row tells the others."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

_HEARTBEAT_SECONDS = 2.0


@dataclass(slots=True)
class Progress:
    """The state of one worker, written by its loop."""

    stage: str
    instance: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    incarnation: str = ""
    ready: bool = False
    lag: int = 0
    assigned: int = 0
    processed: int = 0
    waiting: set[str] = field(default_factory=set)
    per_second: float = 0.0
    oldest_pending_ms: int | None = None
    _counted: int = 0
    _counted_at: float = field(default_factory=time.monotonic)

    def begin(self, oldest_ms: int) -> None:
        """A batch is in hand; its oldest record was produced at that time."""
        self.oldest_pending_ms = oldest_ms

    def end(self, records: int) -> None:
        """The batch is done."""
        self.processed += records
        if self.lag == 0:
            self.oldest_pending_ms = None

    def health(self) -> dict[str, object]:
        """Ready while it consumes and nothing it needs is away."""
        return {
            "ready": self.ready and not self.waiting,
            "stage": self.stage,
            "instance": self.instance,
            "incarnation": self.incarnation,
            "lag": self.lag,
            "processed": self.processed,
            "waiting_for": sorted(self.waiting),
        }

    def oldest_pending_seconds(self) -> float:
        """Age of the oldest record in hand, 0 when there is none."""
        return 0.0 if self.oldest_pending_ms is None else max(0.0, time.time() - self.oldest_pending_ms / 1000)

    def measure_rate(self) -> None:
        """Records a second since the last measurement."""
        now = time.monotonic()
        self.per_second = (self.processed - self._counted) / max(now - self._counted_at, 1e-6)
        self._counted, self._counted_at = self.processed, now


class Heartbeats(Protocol):
    """Tells the others how far this worker is."""

    async def beat(self, progress: Progress) -> None:
        """Writes the worker's row."""

    async def leave(self, progress: Progress) -> None:
        """Removes it."""


async def beat_until_cancelled(progress: Progress, heartbeats: Heartbeats) -> None:
    """Writes the row every two seconds; an absent database costs a beat, nothing else."""
    while True:
        progress.measure_rate()
        try:
            await heartbeats.beat(progress)
        except Exception as error:  # noqa: BLE001  (a missed beat is no reason to stop)
            structlog.get_logger("mneme.worker").debug("heartbeat missed", error=type(error).__name__)
        await asyncio.sleep(_HEARTBEAT_SECONDS)
