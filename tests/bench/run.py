"""`make bench`: measures a stack of its own and prints a table; the artefact is JSON in bench/results/.

    python -m tests.bench.run [SCENARIO...]     without a name: all of them

MNEME_LOCOMO names a file in the LoCoMo format; without it the dialogue is generated. BENCH_SCALE (1) multiplies the
number of requests, BENCH_REPEAT (1) repeats each scenario: medians, with the least and the most. Other MNEME_
settings, MNEME_KAFKA_BOOTSTRAP for one, are the stack's; BROKER=kafka starts a Kafka for it. BENCH_PROFILE=1 samples
the services meanwhile and writes their stacks beside the artefact.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mneme_common.testing.addresses import free_port
from mneme_common.testing.kafka_source import shared_kafka
from tests.bench import pipeline_scenarios as pipeline
from tests.bench import scenarios
from tests.bench.dialogue import turns_and_questions
from tests.bench.floors import floors
from tests.bench.load_client import LoadClient
from tests.bench.measures import Measure, median, table
from tests.bench.profiling import profiled
from tests.bench.scenarios import Target
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess

_RESULTS = Path("bench/results")
Scenario = Callable[[Target, float], Awaitable[list[Measure]]]


async def _batches(target: Target, scale: float) -> list[Measure]:
    return await scenarios.batches(target, int(10_000 * scale), "batch")


async def _singles(target: Target, scale: float) -> list[Measure]:
    found = [
        await scenarios.singles(target, 1, int(300 * scale), "one", wait=2),
        await scenarios.singles(target, 16, int(4_000 * scale), "sixteen", wait=2),
        await scenarios.singles(target, 16, int(4_000 * scale), "ack", wait=0),
    ]
    await scenarios.level(target)
    return found


async def _search(target: Target, scale: float) -> list[Measure]:
    found: list[Measure] = []
    for stored in (1_000, 6_000):
        user = f"reader{stored}x{target.count(_USERS)}"
        await _fill(target, user, stored)
        found.append(await scenarios.searches(target, 1, int(300 * scale), user, stored))
        found.append(await scenarios.searches(target, 16, int(1_000 * scale), user, stored))
    return found


SCENARIOS: dict[str, Scenario] = {
    "floors": lambda target, scale: floors(target, int(10_000 * scale)),
    "batches": _batches,
    "direct": lambda target, scale: pipeline.direct(target, int(10_000 * scale)),
    "singles": _singles,
    "mixed": lambda target, scale: pipeline.mixed(target, int(2_000 * scale)),
    "freshness": lambda target, scale: pipeline.freshness(target, int(50 * scale)),
    "search": _search,
    "stall": lambda target, scale: pipeline.stall(target, 60 * scale),
    "import": lambda target, scale: pipeline.importing(target, int(100_000 * scale)),
    "idle": lambda target, scale: pipeline.idle(target, 60 * scale),
}
_USERS = "SELECT count(*) FROM heads"


async def measure(target: Target, names: Sequence[str], scale: float, repeat: int) -> list[Measure]:
    """The scenarios in the order of the table, each as often as asked."""
    found: list[Measure] = []
    for name in names:
        runs = [await SCENARIOS[name](target, scale) for _ in range(repeat)]
        found += [median(of_one) for of_one in zip(*runs, strict=True)]
        print(table(found[-len(runs[0]) :]), flush=True)  # noqa: T201
    return found


async def _fill(target: Target, user: str, stored: int) -> None:
    async with LoadClient(target.host, target.port) as client:
        for first in range(0, stored, 100):
            body = {"messages": [target.message(number, user) for number in range(first, first + 100)]}
            answer = await client.post("/v1/messages/batch", body, wait=20)
            assert answer.status == 201, answer.body[:300]
    await scenarios.level(target)


def main() -> None:
    """Starts a stack, measures, stops it, prints and writes."""
    names = sys.argv[1:] or list(SCENARIOS)
    unknown = set(names) - set(SCENARIOS)
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    scale, repeat = float(os.environ.get("BENCH_SCALE", "1")), int(os.environ.get("BENCH_REPEAT", "1"))
    texts, questions = turns_and_questions()
    port = free_port()
    with temporary_home() as home, _settings() as settings, StackProcess(home, port, **settings) as stack:
        stack.start()
        target = Target("127.0.0.1", port, texts, questions, stack)
        with profiled(stack, _RESULTS / "profile") if "BENCH_PROFILE" in os.environ else contextlib.nullcontext():
            measures = asyncio.run(measure(target, names, scale, repeat))
    print(f"\n{table(measures)}\n\nwritten to {_written(measures, settings)}")  # noqa: T201


@contextlib.contextmanager
def _settings() -> Iterator[dict[str, str]]:
    """What the stack is told besides its home and port."""
    given = {name: value for name, value in os.environ.items() if name.startswith("MNEME_") and name != "MNEME_LOCOMO"}
    if os.environ.get("BROKER", "tansu") != "kafka":
        yield given
        return
    with temporary_home() as home:
        kafka = shared_kafka(home)
        try:
            yield given | {"MNEME_KAFKA_BOOTSTRAP": kafka.bootstrap}
        finally:
            kafka.stop()


def _written(measures: Sequence[Measure], settings: dict[str, str]) -> Path:
    _RESULTS.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    artefact = {
        "at": now.isoformat(),
        "machine": {"cpus": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "broker": "kafka" if "MNEME_KAFKA_BOOTSTRAP" in settings else "embedded",
        "measures": [measure.as_json() for measure in measures],
    }
    path = _RESULTS / f"{now:%Y%m%dT%H%M%S}.json"
    path.write_text(json.dumps(artefact, indent=2) + "\n")
    return path


if __name__ == "__main__":
    main()
