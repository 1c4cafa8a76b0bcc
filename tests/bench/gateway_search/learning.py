"""Weights from questions whose answers are known: of the ranking, and of how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Floats, Mask, Places
from mneme_gateway.decide.ranking_best import LEARNT
from mneme_gateway.decide.ranking_confidence import EVIDENCE

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
_AGAINST = frozenset({"question"})
"""Signals that speak against a candidate; every other one speaks for it, whatever the file would have."""
_CALM = 0.002
"""L2 of the weights that say how far to trust an answer."""


@dataclass(frozen=True)
class Asked:
    """A question with its candidates: ``columns`` has a standardised column a signal, ``right`` marks the evidence,
    and ``shown`` is what speaks for an answer, one number a name of EVIDENCE."""

    sample: str
    text: str
    category: int
    evidence: frozenset[int]
    places: Places
    sessions: Sequence[str]
    columns: Floats
    shown: Floats
    right: Floats


def learnt(asked: Sequence[Asked], names: Sequence[str], strength: float, rounds: int = 200) -> Floats:
    """Weights by softmax and Adam, held small by ``strength`` (L2).

    Each piece of evidence competes with what is none, never with its like; a
    question weighs as much as the root of how many it has.
    """
    usable = [each for each in asked if each.right.any()]
    against = np.array([name in _AGAINST for name in names])
    inputs, right, mask = _lists(usable, [LEARNT.index(name) for name in names])
    flat, share = inputs.reshape(-1, len(names)), 1 / np.sqrt(right.sum(axis=1, keepdims=True))
    weights, mean, square = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for step in range(1, rounds + 1):
        scores = np.where(mask, (flat @ weights).reshape(mask.shape), -np.inf)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        wrong = odds * (1 - right)
        others = wrong.sum(axis=1, keepdims=True)
        missed = right * others / (odds + others)
        pull = (wrong / others * missed.sum(axis=1, keepdims=True) - missed) * share
        slope = pull.ravel() @ flat / len(usable) + strength * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights = weights - 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weights = np.where(against, np.minimum(weights, 0), np.maximum(weights, 0))
    return weights


def _lists(asked: Sequence[Asked], wanted: Sequence[int]) -> tuple[Floats, Floats, Mask]:
    """A question a row: columns of its candidates, which of them are evidence, and which places hold one."""
    width = max(len(each.places) for each in asked)
    inputs = np.zeros((len(asked), width, len(wanted)))
    right, mask = np.zeros((len(asked), width)), np.zeros((len(asked), width), dtype=np.bool_)
    for number, each in enumerate(asked):
        count = len(each.places)
        inputs[number, :count] = each.columns[:, wanted]
        right[number, :count] = each.right
        mask[number, :count] = True
    return inputs, right, mask


def confidence(asked: Sequence[Asked]) -> dict[str, float]:
    """Weights of the evidence for an answer: logistic regression by Newton's method, none below 0."""
    right = np.array([float(each.category in CATEGORIES) for each in asked])
    inputs = np.column_stack([np.array([each.shown for each in asked]), np.ones(len(asked))])
    # Answered questions, adversarial ones and absent ones count as if there were equally many.
    classes = np.array([min(max(each.category, 0), 1) if each.category in (0, *CATEGORIES) else 2 for each in asked])
    shares = np.array([1 / np.count_nonzero(classes == each) for each in classes]) * np.where(right > 0, 2, 1)
    weights, held = np.zeros(inputs.shape[1]), np.zeros(inputs.shape[1], dtype=np.bool_)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ ((chance - right) * shares) + _CALM * weights
        curve = (inputs * (chance * (1 - chance) * shares)[:, None]).T @ inputs + _CALM * np.eye(len(weights))
        free = ~held
        weights[free] -= np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        held[:-1] |= weights[:-1] < 0
        weights[held] = 0
    return dict(zip((*EVIDENCE, "bias"), weights.tolist(), strict=True))
