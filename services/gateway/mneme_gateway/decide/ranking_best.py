"""The default ranking: standardised signals of conversation, added with learnt weights.

Each signal is standardised over the candidates of the query, so that weights learnt on one user's data mean
the same on another's. How the weights are learnt: docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mneme_gateway.decide.ranking import Components, Features, Floats, Profile
from mneme_gateway.decide.ranking_confidence import calibrated

LEARNT = (
    "words",
    "words_window",
    "words_episode",
    "related",
    "related_window",
    "related_episode",
    "meaning",
    "meaning_window",
    "speaker",
    "time_told",
    "date",
    "length",
    "opens",
    "question",
    "answer_words",
    "answer_meaning",
)
"""Signals whose weights come from data."""

PRIORS: Mapping[str, float] = {"importance": 0.2, "recency": 0.2, "confidence": 0.2, "feedback": 1.0}
"""What is important, recent, believed and was of use goes first among what answers equally well. Set, not learnt.

Feedback is the logarithm of its factor: twice the odds at most, half at least.
"""

_RECENT_SECONDS = 30 * 86_400.0
_DAY = 86_400.0
_FLAT = 1e-9


def best_profile(weights: Mapping[str, float], confidence: Mapping[str, float]) -> Profile:
    """The ranking with the weights given for learnt signals and priors; those that are missing are 0 and as set.

    ``confidence`` has the weights of ``ranking_confidence`` and the threshold.
    """
    every = {name: float(weights.get(name, 0.0)) for name in LEARNT}
    every |= {name: float(weights.get(name, weight)) for name, weight in PRIORS.items()}
    return Profile(
        "best",
        every,
        _components,
        lists=("words", "words_window", "related_window", "meaning", "meaning_window"),
        pool_min=80,
        calibration=lambda sums, of: calibrated(sums, of, confidence),
        abstains_below=confidence["threshold"],
    )


def standardised(columns: Floats) -> Floats:
    """The columns, which are the last axis, with mean 0 and deviation 1; zeros where all of one is alike."""
    deviations = columns.std(axis=-1, keepdims=True)
    is_flat = deviations <= _FLAT
    found: Floats = (columns - columns.mean(axis=-1, keepdims=True)) / np.where(is_flat, 1.0, deviations)
    return np.where(is_flat, 0.0, found)


def _components(of: Features) -> Components:
    learnt = standardised(np.stack([of.signals[name] for name in LEARNT]))
    return dict(zip(LEARNT, learnt, strict=True)) | {
        "importance": of.importance,
        "recency": np.exp(-of.occurred_age / _RECENT_SECONDS),
        "confidence": of.confidence * np.exp(-of.occurred_age / _DAY / of.confidence_days),
        "feedback": np.log(of.factors),
    }
