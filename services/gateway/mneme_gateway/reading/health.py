"""Health: one checker behind every health endpoint (features.md, C12)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from mneme_common.contracts.topics import Stage
from mneme_gateway.ports import Database, Row
from mneme_gateway.schemas.health import Health, RetentionHealth, StageHealth

_FRESH_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0
_STAGES = (
    "SELECT stage, count(*) AS workers, count(*) FILTER (WHERE ready) AS ready, coalesce(sum(lag), 0)::bigint AS lag,"
    " coalesce(sum(per_second), 0)::float8 AS per_second, min(oldest_pending_at) AS oldest"
    " FROM workers WHERE updated_at > now() - interval '15 seconds' GROUP BY stage ORDER BY stage"
)

_RETENTION = (
    "SELECT finished_at AS last_run, status AS last_result FROM jobs"
    " WHERE kind = 'retention.run' AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1"
)


_CLOSED = "Erasures are compared, or applied again after a restore."


@dataclass(frozen=True, slots=True)
class About:
    """What health says of the process; ``embedding`` is the model whose vectors are compared now."""

    instance_id: str
    environment: str
    version: str
    embedding: Callable[[], str]


class HealthChecker:
    """Asks the database at most twice a second, however many ask for health."""

    def __init__(
        self, database: Database, about: About, publishing: Callable[[], bool], is_open: Callable[[], bool]
    ) -> None:
        self._database = database
        self._publishing = publishing
        self._is_open = is_open
        self._started = time.monotonic()
        self._checking = asyncio.Lock()
        self._last: Health | None = None
        self._checked = 0.0
        self.about = about

    async def check(self) -> Health:
        """The state of things, half a second old at most."""
        async with self._checking:
            if self._last is None or time.monotonic() - self._checked > _FRESH_SECONDS:
                self._last = await self._look()
                self._checked = time.monotonic()
            return self._last

    async def _look(self) -> Health:
        started = time.perf_counter()
        stages, retention = await self._ask()
        latency = (time.perf_counter() - started) * 1000
        broker = self._publishing()
        notes = _notes(stages, broker=broker)
        closed = not self._is_open()
        if closed:
            notes = [_CLOSED, *notes]
        return Health(
            status="down" if stages is None or closed else "degraded" if notes else "ok",
            database="down" if stages is None else "ok",
            broker="ok" if broker else "away",
            timestamp=datetime.now(UTC),
            latency_ms=round(latency, 3),
            uptime_seconds=round(time.monotonic() - self._started, 3),
            environment=self.about.environment,
            version=self.about.version,
            embedding=self.about.embedding(),
            stages=stages or [],
            retention=retention,
            notes=notes,
        )

    async def _ask(self) -> tuple[list[StageHealth] | None, RetentionHealth | None]:
        """What the database tells, nothing at all when it does not in time."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._database.transaction(operator=True) as connection:
                stages = await (await connection.execute(_STAGES)).fetchall()
                retention = await (await connection.execute(_RETENTION)).fetchone()
        except (psycopg.Error, TimeoutError):
            return None, None
        last_run = None if retention is None else RetentionHealth(**retention)
        return [_stage(row) for row in stages], last_run


def _stage(row: Row) -> StageHealth:
    oldest = row["oldest"]
    return StageHealth(
        stage=row["stage"],
        workers=row["workers"],
        ready=row["ready"],
        lag=row["lag"],
        per_second=row["per_second"],
        oldest_pending_seconds=None if oldest is None else (datetime.now(UTC) - oldest).total_seconds(),
    )


def _notes(stages: Sequence[StageHealth] | None, *, broker: bool) -> list[str]:
    if stages is None:
        return ["The database cannot be reached."]
    ready = {stage.stage for stage in stages if stage.ready}
    notes = [f"No {stage.value} is ready." for stage in Stage if stage.value not in ready]
    return notes if broker else ["Events do not reach the log now.", *notes]
