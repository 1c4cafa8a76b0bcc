"""What people said of results, in the ranking: a bounded factor (S4-10), and how much it weighs (S4-46)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mneme_gateway.decide.ranking import Floats

FEEDBACK_WEIGHT = 0.1
"""Unless a tenant has set another."""

_FACTOR_MIN, _FACTOR_MAX = 0.5, 2.0
_NOTHING = 0.01
_ENOUGH = 10
_MOSTLY_USEFUL, _MOSTLY_USELESS = 0.7, 0.5
_STEP_UP, _STEP_DOWN = 1.1, 0.9
_TUNED_MIN, _TUNED_MAX = 0.05, 0.2


def factor(balance: Floats, weight: float) -> Floats:
    """From 0.5 to 2; 1 where nobody has said anything. ``balance`` is the useful less half of all else (S4-10)."""
    found: Floats = np.where(np.abs(balance) > _NOTHING, np.clip(1 + weight * balance, _FACTOR_MIN, _FACTOR_MAX), 1.0)
    return found


def tuned_weight(weight: float, counts: Mapping[str, int]) -> float | None:
    """The weight that feedback so far speaks for, None while there is too little of it.

    More weight where most is useful, less where most is irrelevant or wrong; a weight that was set by hand beyond
    0.05 to 0.2 is never pulled against the direction.
    """
    total = sum(counts.values())
    if total < _ENOUGH:
        return None
    if counts["useful"] / total > _MOSTLY_USEFUL:
        return round(min(max(_TUNED_MAX, weight), _STEP_UP * weight), 3)
    if (counts["irrelevant"] + counts["wrong"]) / total > _MOSTLY_USELESS:
        return round(max(min(_TUNED_MIN, weight), _STEP_DOWN * weight), 3)
    return weight
