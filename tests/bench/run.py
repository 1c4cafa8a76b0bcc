"""`make bench`: measures a stack of its own and prints a table; the artefact is JSON in bench/results/.

MNEME_LOCOMO names a file in the LoCoMo format; without it the dialogue is generated. BENCH_SCALE (1) multiplies the
number of requests.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from mneme_common.testing.addresses import free_port
from mneme_launcher.postgres import PostgresServer
from tests.bench import scenarios
from tests.bench.dialogue import turns_and_questions
from tests.bench.load_client import LoadClient
from tests.bench.measures import Measure, table
from tests.bench.scenarios import Target
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess

_RESULTS = Path("bench/results")


async def measure(target: Target, scale: float) -> list[Measure]:
    """All scenarios, in an order in which none disturbs the next."""
    found: list[Measure] = []
    messages = int(10_000 * scale)
    started = time.perf_counter()
    found += await scenarios.batches(target, messages, "batch")
    found.append(await scenarios.level(target, started, messages))
    found.append(await scenarios.singles(target, 1, int(300 * scale), "one", wait=2))
    found.append(await scenarios.singles(target, 16, int(4_000 * scale), "sixteen", wait=2))
    found.append(await scenarios.singles(target, 16, int(4_000 * scale), "ack", wait=0))
    await scenarios.level(target, time.perf_counter(), 1)
    for stored in (1_000, 6_000):
        user = f"reader{stored}x"
        await _fill(target, user, stored)
        found.append(await scenarios.searches(target, 1, int(300 * scale), user, stored))
        found.append(await scenarios.searches(target, 16, int(1_000 * scale), user, stored))
    return found


async def _fill(target: Target, user: str, stored: int) -> None:
    async with LoadClient(target.host, target.port) as client:
        for first in range(0, stored, 100):
            body = {"messages": [target.message(number, user) for number in range(first, first + 100)]}
            answer = await client.post("/v1/messages/batch", body, wait=20)
            assert answer.status == 201, answer.body[:300]
    await scenarios.level(target, time.perf_counter(), 1)


def main() -> None:
    """Starts a stack, measures, stops it, prints and writes."""
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    texts, questions = turns_and_questions()
    port = free_port()
    with temporary_home() as home:
        stack = StackProcess(home, port)
        stack.start()
        try:
            target = Target(
                "127.0.0.1", port, texts, questions, _counting(stack, _RECORDED), _counting(stack, _UNFINISHED)
            )
            measures = asyncio.run(measure(target, scale))
        finally:
            stack.stop()
    print(table(measures))  # noqa: T201
    print(f"\nwritten to {_written(measures)}")  # noqa: T201


_RECORDED = "SELECT count(*) FROM messages"
_UNFINISHED = """
SELECT (SELECT count(*) FROM messages m WHERE NOT EXISTS
        (SELECT 1 FROM extractions x WHERE x.source_event_id = m.event_id))
    + (SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM indexed i WHERE i.point_id = m.message_id))
    + (SELECT count(*) FROM memories m WHERE m.to_seq IS NULL AND NOT m.tombstone AND NOT EXISTS
        (SELECT 1 FROM indexed i WHERE i.point_id = m.memory_id))
"""


def _counting(stack: StackProcess, statement: str) -> Callable[[], int]:
    url = PostgresServer(stack.home / "postgres").superuser_url("mneme")

    def count() -> int:
        with psycopg.connect(url) as connection:
            row = connection.execute(statement).fetchone()
        return int(row[0]) if row else 0

    return count


def _written(measures: list[Measure]) -> Path:
    _RESULTS.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    artefact = {
        "at": now.isoformat(),
        "machine": {"cpus": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "measures": [measure.as_json() for measure in measures],
    }
    path = _RESULTS / f"{now:%Y%m%dT%H%M%S}.json"
    path.write_text(json.dumps(artefact, indent=2) + "\n")
    return path


if __name__ == "__main__":
    main()
