"""The pipeline as queues before processors, driven by measured costs: what is short first, how far each stage lags.

python -m tests.bench.scale.simulation         the deployments of docs/scale.md

Each stage takes messages from the one before it, as many in a tick as its processes, the database and the broker have
time for. On one machine the processors themselves are shared, the stages of the write path first, as the operating
system does it for the nice values that the launcher gives.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

TICK = 0.05
"""Seconds."""

STAGES = ("gateway", "resolver", "extractor", "embedder")
AFTER = {"resolver": "gateway", "extractor": "resolver", "embedder": "resolver"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU that a message costs in a stage: in its own process, in PostgreSQL, in the broker."""

    own: float
    postgres: float
    broker: float

    @property
    def whole(self) -> float:
        """In all three."""
        return self.own + self.postgres + self.broker


@dataclass(frozen=True, slots=True)
class Deployment:
    """Processes of each stage, PostgreSQL shards and the processors of each, brokers; ``cores``: all on one machine."""

    processes: Mapping[str, int]
    shards: int = 1
    shard_cores: int = 2
    brokers: int = 1
    cores: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages a second that left each stage in the second half, what waits at the end, and how busy everything was."""

    rates: Mapping[str, float]
    waiting: Mapping[str, float]
    busy: Mapping[str, float]

    @property
    def bottleneck(self) -> str:
        """What was busiest."""
        return max(self.busy, key=lambda name: self.busy[name])


def simulate(rate: float, seconds: float, deployment: Deployment, costs: Mapping[str, Cost]) -> Outcome:
    """``rate`` messages a second arrive evenly; queues have no end."""
    ticks = max(2, round(seconds / TICK))
    waiting = dict.fromkeys(STAGES, 0.0)
    left = dict.fromkeys(STAGES, 0.0)
    used: dict[str, float] = {}
    for tick in range(ticks):
        waiting["gateway"] += rate * TICK
        resources = _resources(deployment)
        for stage in STAGES:
            done = min(
                waiting[stage], *(_room(resources, name, each) for name, each in _needs(stage, costs, deployment))
            )
            for name, each in _needs(stage, costs, deployment):
                resources[name] -= done * each
                used[name] = used.get(name, 0.0) + done * each
            waiting[stage] -= done
            for later, before in AFTER.items():
                waiting[later] += done if before == stage else 0.0
            left[stage] += done if tick >= ticks // 2 else 0.0
    capacity = _resources(deployment)
    half = (ticks - ticks // 2) * TICK
    return Outcome(
        rates={stage: count / half for stage, count in left.items()},
        waiting=waiting,
        busy={name: amount / (capacity[name] * ticks) for name, amount in used.items()},
    )


def _resources(deployment: Deployment) -> dict[str, float]:
    """Microseconds that there are in a tick."""
    tick = TICK * 1e6
    if deployment.cores is not None:
        return {"machine": deployment.cores * tick} | dict.fromkeys(STAGES, tick)
    return {
        **{stage: deployment.processes[stage] * tick for stage in STAGES},
        "postgres": deployment.shards * deployment.shard_cores * tick,
        "broker": deployment.brokers * tick,
    }


def _needs(stage: str, costs: Mapping[str, Cost], deployment: Deployment) -> list[tuple[str, float]]:
    cost = costs[stage]
    if deployment.cores is not None:
        return [("machine", cost.whole), (stage, cost.own)]
    return [(stage, cost.own), ("postgres", cost.postgres), ("broker", cost.broker)]


def _room(resources: Mapping[str, float], name: str, each: float) -> float:
    return resources[name] / each if each else math.inf


def deployment_for(rate: float, costs: Mapping[str, Cost], *, busy: float = 0.6, shard_cores: int = 16) -> Deployment:
    """The least that keeps everything at most so busy."""
    return Deployment(
        processes={stage: max(1, math.ceil(rate * costs[stage].own / 1e6 / busy)) for stage in STAGES},
        shards=max(1, math.ceil(rate * sum(costs[stage].postgres for stage in STAGES) / 1e6 / busy / shard_cores)),
        shard_cores=shard_cores,
        brokers=max(1, math.ceil(rate * sum(costs[stage].broker for stage in STAGES) / 1e6 / busy)),
    )


MEASURED = {
    "gateway": Cost(own=180, postgres=60, broker=40),
    "resolver": Cost(own=340, postgres=138, broker=50),
    "extractor": Cost(own=380, postgres=30, broker=27),
    "embedder": Cost(own=216, postgres=90, broker=27),
}
"""Batches of 100 with LoCoMo's dialogue (docs/performance.md); the broker's share goes by records read and written."""


def main() -> None:
    """A table of deployments, each simulated for a minute."""
    for rate in (10, 1_000, 100_000):
        made = deployment_for(rate, MEASURED, shard_cores=2 if rate <= 1_000 else 16)
        found = simulate(rate, 60, made, MEASURED)
        processes = ", ".join(f"{stage} {count}" for stage, count in made.processes.items())
        sys.stdout.write(f"{rate:>8,}/s: {processes}; {made.shards} shards of {made.shard_cores} cores, {made.brokers}"
                         f" brokers; busiest {found.bottleneck} {found.busy[found.bottleneck]:.0%};"
                         f" recorded {found.rates['resolver']:,.0f}/s\n")  # fmt: skip


if __name__ == "__main__":
    main()
