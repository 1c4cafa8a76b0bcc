from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_gateway.decide.ranking_feedback import factor, tuned_weight


@pytest.mark.parametrize(
    ("useful", "adverse", "weight", "expected"),
    [(3, 0, 0.1, 1.3), (0, 2, 0.1, 0.9), (3, 0, 0.3, 1.9), (0, 2, 0.3, 0.7), (1, 2, 0.5, 1.0), (0, 0, 0.5, 1.0)],
)
def test_feedback_multiplies_a_score_as_documented(useful: int, adverse: int, weight: float, expected: float) -> None:
    assert factor(np.array([useful - 0.5 * adverse]), weight).tolist() == [pytest.approx(expected)]


@given(st.lists(st.floats(-1e9, 1e9), max_size=20), st.floats(0.01, 0.5))
def test_no_amount_of_feedback_goes_past_half_or_twice(balances: list[float], weight: float) -> None:
    found = factor(np.array(sorted(balances)), weight)
    assert ((found >= 0.5) & (found <= 2)).all()
    assert (np.diff(found) >= 0).all()


_COUNTS = {"useful": 0, "irrelevant": 0, "outdated": 0, "wrong": 0}


@pytest.mark.parametrize(
    ("weight", "counts", "expected"),
    [
        (0.1, {"useful": 9}, None),
        (0.1, {"useful": 10}, 0.11),
        (0.19, {"useful": 10}, 0.2),
        (0.4, {"useful": 10}, 0.4),
        (0.1, {"irrelevant": 5, "wrong": 5}, 0.09),
        (0.052, {"wrong": 10}, 0.05),
        (0.02, {"wrong": 10}, 0.02),
        (0.1, {"useful": 7, "outdated": 3}, 0.1),
    ],
)
def test_tuning_follows_what_most_feedback_says(weight: float, counts: dict[str, int], expected: float | None) -> None:
    assert tuned_weight(weight, _COUNTS | counts) == expected
