"""How the pipeline stands, for operators: what the workers report, what is unfinished, what is buried."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from mneme_common.contracts.topics import Stage
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.operator import BrokerStatus, StageStatus, SystemStatus, Unfinished

_FRESH_SECONDS = 2.0
_REST = 9.0
"""Counting what is unfinished looks at all since the first that is: where much is, it may take a tenth of the time."""

_STAGES = """
SELECT w.stage, w.workers, w.ready, w.lag, w.per_second, w.processed, w.oldest, coalesce(d.letters, 0) AS letters
FROM (
    SELECT stage, count(*) AS workers, count(*) FILTER (WHERE ready) AS ready, coalesce(sum(lag), 0)::bigint AS lag,
        coalesce(sum(per_second), 0)::float8 AS per_second, coalesce(sum(processed), 0)::bigint AS processed,
        min(oldest_pending_at) AS oldest
    FROM workers WHERE updated_at > now() - interval '15 seconds' GROUP BY stage
) AS w
FULL JOIN (
    SELECT stage, count(*) AS letters FROM dead_letters WHERE resolved_at IS NULL GROUP BY stage
) AS d USING (stage)
"""
_BROKER = """
SELECT incarnation, bootstrap, state, started_at FROM broker_incarnations
WHERE state <> 'closed' ORDER BY started_at DESC LIMIT 1
"""


class StatusReader:
    """Asks at most every two seconds, however many ask, and rests nine times as long as the last answer took."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Lock()
        self._last: SystemStatus | None = None
        self._fresh_until = 0.0

    async def read(self) -> SystemStatus:
        """The status, two seconds old at most while the counting is cheap."""
        async with self._reading:
            started = time.monotonic()
            if self._last is None or started > self._fresh_until:
                async with self._database.transaction(operator=True) as connection:
                    self._last = await _read(connection)
                now = time.monotonic()
                self._fresh_until = now + max(_FRESH_SECONDS, _REST * (now - started))
            return self._last


async def _read(connection: Connection) -> SystemStatus:
    stages = await (await connection.execute(_STAGES)).fetchall()
    (work,) = await (await connection.execute("SELECT * FROM unfinished_work()")).fetchall()
    broker = await (await connection.execute(_BROKER)).fetchone()
    by_name = {row["stage"]: row for row in stages}
    return SystemStatus(
        stages=[_stage(stage.value, by_name.get(stage.value, {})) for stage in Stage],
        unfinished=Unfinished(journal=work["journal"], extraction=work["extraction"], indexing=work["indexing"]),
        oldest_unfinished_seconds=_age(work["oldest"]),
        broker=None if broker is None else BrokerStatus(**broker),
    )


def _stage(name: str, row: dict[str, Any]) -> StageStatus:
    return StageStatus(
        stage=name,
        workers=row.get("workers") or 0,
        ready=row.get("ready") or 0,
        lag=row.get("lag") or 0,
        per_second=round(row.get("per_second") or 0.0, 1),
        processed=row.get("processed") or 0,
        oldest_pending_seconds=_age(row.get("oldest")),
        dead_letters=row.get("letters") or 0,
    )


def _age(moment: datetime | None) -> float | None:
    return None if moment is None else round(max(0.0, (datetime.now(UTC) - moment).total_seconds()), 3)
