"""The wait before a restart."""

from __future__ import annotations

import pytest

from mneme_launcher.backoff import failures_in_a_row, restart_delay


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0.5), (1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (10_000, 30.0)]
)
def test_the_wait_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert restart_delay(failures) == seconds


@pytest.mark.parametrize(("before", "lived", "after"), [(0, 0.1, 1), (4, 59.9, 5), (4, 60.0, 1)])
def test_a_minute_of_life_forgives_earlier_failures(before: int, lived: float, after: int) -> None:
    assert failures_in_a_row(before, lived) == after
