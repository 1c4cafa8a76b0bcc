"""How likely it is that what was found answers the question at all, from 0 to 1, and how likely each result does.

A logistic function of what the best candidates have to show, learnt on questions that have an answer, on questions
about what the person named never said, and on questions whose subject never came up.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mneme_gateway.decide.ranking import Features, Floats

EVIDENCE = ("covered", "covered_related", "meaning", "spoken_words", "spoken_related", "spoken_meaning")
"""What speaks for an answer: the share of the question's words (by IDF) that some exchange has, and that it has
itself or related; the best cosine; and how near the best of those who are named comes to the best of all."""

_LOGIT_MAX = 8.0
_MIDDLING_COSINE = 0.45


def evidence_of(of: Features) -> Floats:
    """One number for each name of EVIDENCE; the candidates must be at least one."""
    signals = of.signals
    spoken = signals["speaker"] > 0
    return np.array(
        [
            signals["covered"].max(),
            signals["covered_related"].max(),
            _meaning(of),
            *(_share(signals[name], spoken) for name in ("words", "related", "meaning")),
        ]
    )


def answer_logit(of: Features, weights: Mapping[str, float]) -> float:
    """The log odds that the question is answered."""
    values = evidence_of(of)
    total = weights["bias"] + sum(weights[name] * value for name, value in zip(EVIDENCE, values.tolist(), strict=True))
    return float(np.clip(total, -_LOGIT_MAX, _LOGIT_MAX))


def calibrated(totals: Floats, of: Features, weights: Mapping[str, float]) -> Floats:
    """The first has the chance that the question is answered; the odds of the others fall with the distance to it."""
    logits = answer_logit(of, weights) - weights["fall"] * (totals.max() - totals)
    scores: Floats = 1 / (1 + np.exp(-logits))
    return scores


def _meaning(of: Features) -> float:
    """The best cosine; where a candidate has no vector yet, at least a middling one, so that new records are found."""
    best = max(float(of.signals["meaning"].max()), 0.0)
    return max(best, _MIDDLING_COSINE) if bool(np.isnan(of.similarity).any()) else best


def _share(column: Floats, spoken: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """1 when nobody is named who speaks, or nothing is found at all."""
    best = float(column.max())
    return float(column[spoken].max()) / best if spoken.any() and best > 0 else 1.0
