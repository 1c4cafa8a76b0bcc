"""The documented formulas of the search endpoints (features.md, C14), one profile each."""

from __future__ import annotations

import numpy as np

from mneme_gateway.decide.ranking import Components, Features, Floats, Profile

_HOUR = 3600.0
_DAY = 86_400.0
_WEEK_HOURS = 168.0


def bounded(keyword: Floats) -> Floats:
    """BM25 from 0 to 1: raw / (raw + 1) (S4-09; Part 4, item 5)."""
    return keyword / (keyword + 1)


def _s1_components(of: Features) -> Components:
    return {
        "knn": np.nan_to_num(np.maximum(of.similarity, 0), nan=0.0),
        "bm25": bounded(of.keyword),
        "importance": of.importance,
        "recency": np.exp(-of.age / _HOUR / _WEEK_HOURS),
    }


def _s4_components(of: Features) -> Components:
    distance = np.sqrt(np.maximum(2 - 2 * of.similarity, 0))
    return {
        "feedback": of.factors,
        "vector": np.nan_to_num(1 / (1 + distance), nan=0.0),
        "keyword": bounded(of.keyword),
        "temporal": np.exp(-of.occurred_age / _HOUR / _WEEK_HOURS),
        "confidence": of.confidence * np.exp(-of.occurred_age / _DAY / of.confidence_days),
    }


def _s2_components(of: Features) -> Components:
    """Without a vector the words stand in, which happens only while the vector side is away."""
    return {
        "similarity": np.where(np.isnan(of.similarity), bounded(of.keyword), of.similarity),
        "importance": of.importance,
        "decay": np.exp(-of.age / _HOUR / _WEEK_HOURS),
    }


S1_FUSION = Profile("s1_fusion", {"knn": 0.5, "bm25": 0.3, "importance": 0.1, "recency": 0.1}, _s1_components)
"""Messages and memories in one ranking (S1-11; Part 4, item 5)."""

S4_HYBRID = Profile(
    "s4_hybrid",
    {"vector": 0.3, "keyword": 0.2, "temporal": 0.2, "confidence": 0.3},
    _s4_components,
    floors={"confidence": 0.05},
    factor="feedback",
)
"""Memories (S4-09), times the factor of feedback (S4-10).

Times are those of the observation, so imported memories have the age of what they say.
"""

S2_MESSAGE = Profile(
    "s2_message", {"similarity": 0.6, "importance": 0.3, "decay": 0.1}, _s2_components, embedded_only=True
)
"""Messages by meaning (S2-08); ``decay`` falls to 1/e in 7 days, ``similarity`` is the bare cosine."""
