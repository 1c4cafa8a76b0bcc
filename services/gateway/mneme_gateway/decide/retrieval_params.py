"""How a tenant's searches rank where it differs from the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mneme_gateway.decide.ranking_best import LEARNT, PRIORS
from mneme_gateway.decide.ranking_best_weights import WEIGHTS
from mneme_gateway.decide.ranking_feedback import FEEDBACK_WEIGHT

DEFAULT_WEIGHTS: Mapping[str, float] = {**{name: WEIGHTS.get(name, 0.0) for name in LEARNT}, **PRIORS}
"""Every weight of the ranking ``best``."""

WEIGHT_MAX = 10.0


@dataclass(frozen=True, slots=True)
class RetrievalParams:
    """One version of a tenant's parameters; 0 is the default. ``weights`` are those of ``best`` that differ."""

    version: int = 0
    feedback_weight: float = FEEDBACK_WEIGHT
    weights: Mapping[str, float] = field(default_factory=dict)
