"""The simulation behind docs/scale.md: it gives what was measured on two cores, and finds what is short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.scale.simulation import MEASURED, STAGES, Cost, Deployment, deployment_for, simulate

_ONE_EACH = dict.fromkeys(STAGES, 1)
# A run of the benchmark on two quiet cores: CPU µs a message by stage, and the rates that it reached.
_THEN = {
    "gateway": Cost(own=370, postgres=130, broker=43),
    "resolver": Cost(own=520, postgres=170, broker=43),
    "extractor": Cost(own=590, postgres=75, broker=22),
    "embedder": Cost(own=420, postgres=100, broker=22),
}
_LEVEL_THEN = 783


def test_two_cores_reach_what_was_measured_on_them() -> None:
    found = simulate(_LEVEL_THEN * 0.98, 60, Deployment(_ONE_EACH, cores=2), _THEN)
    assert found.rates["extractor"] == pytest.approx(_LEVEL_THEN, rel=0.1)
    assert found.rates["embedder"] == pytest.approx(_LEVEL_THEN, rel=0.1)
    beyond = simulate(_LEVEL_THEN * 2, 60, Deployment(_ONE_EACH, cores=2), _THEN)
    assert beyond.bottleneck == "machine"
    assert beyond.rates["resolver"] > 1.4 * _LEVEL_THEN, "the write path goes first"
    assert beyond.waiting["embedder"] > beyond.waiting["resolver"], "what is later lags"


def test_the_stage_without_enough_processes_is_the_bottleneck() -> None:
    short = Deployment({**dict.fromkeys(STAGES, 8), "extractor": 1}, shard_cores=16, brokers=3)
    found = simulate(6_000, 20, short, MEASURED)
    assert found.bottleneck == "extractor"
    assert found.rates["resolver"] == pytest.approx(6_000, rel=0.01)
    assert found.rates["extractor"] == pytest.approx(1e6 / MEASURED["extractor"].own, rel=0.01)
    twice = Deployment({**short.processes, "extractor": 2}, shard_cores=16, brokers=3)
    assert simulate(6_000, 20, twice, MEASURED).rates["extractor"] == pytest.approx(
        2 * found.rates["extractor"], rel=0.01
    )


@given(rate=st.floats(min_value=1, max_value=1e6))
def test_a_deployment_made_for_a_rate_keeps_up_with_it(rate: float) -> None:
    found = simulate(rate, 1.0, deployment_for(rate, MEASURED), MEASURED)
    assert all(reached == pytest.approx(rate, rel=1e-6) for reached in found.rates.values())
    assert max(found.busy.values()) <= 0.6 + 1e-9
