"""What the benchmark makes of its runs: medians with their spread, and two artefacts as ratios."""

from __future__ import annotations

from tests.bench.compare import ratios
from tests.bench.measures import Measure, median


def test_the_median_of_rates_names_the_spread_of_the_runs() -> None:
    runs = [Measure("batches", per_second=rate, note="cost") for rate in (300.0, 100.0, 200.0)]
    found = median(runs)
    assert found.per_second == 200.0
    assert found.note == "3 runs, 100.0 to 300.0; cost"


def test_latencies_without_a_rate_are_ordered_by_themselves() -> None:
    runs = [Measure("first write", p50_ms=value) for value in (9.0, 1.0, 5.0)]
    assert median(runs).p50_ms == 5.0


def test_one_run_is_its_own_median() -> None:
    run = Measure("batches", per_second=1.0)
    assert median([run]) is run


def test_two_artefacts_are_compared_by_what_both_have() -> None:
    before = {"measures": [Measure("a", 100.0, 10.0).as_json(), Measure("gone", 1.0).as_json()]}
    after = {"measures": [Measure("a", 250.0, 5.0).as_json(), Measure("new", 1.0).as_json()]}
    (line,) = ratios(before, after)
    assert line.split() == ["a", "2.50", "x", "0.50", "x"]
