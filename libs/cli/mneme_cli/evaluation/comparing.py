"""Two evaluations of the same questions side by side."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mneme_cli.evaluation import metrics

_RESAMPLES = 2_000
_SEED = 20260101  # the same two artefacts give the same interval
_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Change:
    """A measure before and after. ``low`` and ``high`` bound 95 % of resampled differences (paired bootstrap)."""

    name: str
    before: float
    after: float
    better: int
    worse: int
    low: float
    high: float

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes over the questions that both have; the ids of those whose first measure rose or fell."""

    questions: int
    only_before: int
    only_after: int
    changes: tuple[Change, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compares over the questions with an answer that both artefacts have."""
    first, second = _measured(before), _measured(after)
    shared = sorted(first.keys() & second.keys())
    names = [name for name in (first[shared[0]] if shared else {}) if all(name in second[key] for key in shared)]
    changes = tuple(
        change(name, [first[key][name] for key in shared], [second[key][name] for key in shared]) for name in names
    )
    return Comparison(len(shared), len(first) - len(shared), len(second) - len(shared), changes)


def change(name: str, before: Sequence[float], after: Sequence[float]) -> Change:
    """What became of one measure, question by question."""
    differences = [new - old for old, new in zip(before, after, strict=True)]
    generator = random.Random(_SEED)  # noqa: S311  (nobody must not be able to guess it)
    means = [metrics.mean(generator.choices(differences, k=len(differences))) for _ in range(_RESAMPLES)]
    return Change(
        name,
        metrics.mean(before),
        metrics.mean(after),
        sum(difference > 0 for difference in differences),
        sum(difference < 0 for difference in differences),
        metrics.percentile(means, _LOW),
        metrics.percentile(means, _HIGH),
    )


def _measured(artefact: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
    absent = {str(name) for name in artefact.get("absent_categories", ())}
    return {
        str(question["id"]): question["measures"]
        for question in artefact["questions"]
        if question["measures"] and str(question["category"]) not in absent
    }
