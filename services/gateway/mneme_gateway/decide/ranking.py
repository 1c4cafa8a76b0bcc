"""Ranking: candidates have features, a profile makes components of them, and a weighted sum orders them.

Nothing depends on how the records are numbered: equal scores are ordered by creation, latest first, then by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

SCORE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Ties:
    """What orders equal scores: creation (microseconds) and both halves of the record's id."""

    created_at: Integers
    record_high: npt.NDArray[np.uint64]
    record_low: npt.NDArray[np.uint64]

    def of(self, places: Places) -> Ties:
        """Those of the entries at ``places``."""
        return Ties(self.created_at[places], self.record_high[places], self.record_low[places])


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is known of the candidates, one entry each. Ages are in seconds and not negative."""

    similarity: Floats
    """Cosine of query and record, NaN where the record has no vector yet."""
    keyword: Floats
    """BM25, unbounded."""
    importance: Floats
    confidence: Floats
    """As it was when the record was made."""
    confidence_days: Floats
    """In how many days confidence falls to 1/e (S4-11)."""
    age: Floats
    """Since the record was made."""
    occurred_age: Floats
    """Since what the record says was said or observed."""
    feedback: Floats | None = None
    """What to multiply a score by for what people said of the record (``ranking_feedback``); None: nothing was said."""
    signals: Mapping[str, Floats] = field(default_factory=dict)
    """What ``ranking_signals`` found, for profiles that read it."""

    @property
    def factors(self) -> Floats:
        """``feedback``, 1 where nothing was said."""
        return np.ones(len(self.keyword)) if self.feedback is None else self.feedback


Components = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Profile:
    """A documented formula: the weighted sum of components, each from 0 to 1 unless its row says otherwise."""

    name: str
    weights: Mapping[str, float]
    components: Callable[[Features], Components]
    floors: Mapping[str, float] = field(default_factory=dict)
    """Candidates with a component below its floor are dropped."""
    factor: str | None = None
    """A component that the sum is multiplied by."""
    embedded_only: bool = False
    """Whether only records that have a vector are candidates."""
    lists: tuple[str, ...] = ()
    """Signals of which each brings its best documents as candidates too; a profile with none reads no signals."""
    latest_first: bool = False
    """Whether the candidates are the latest records that contain a word of the query, whatever is said in others."""
    pool_min: int = 0
    """So many candidates a list at least, however few results are wanted."""
    calibration: Callable[[Floats, Features], Floats] | None = None
    """What makes scores from 0 to 1 of the sums, in the same order; without it the sums are the scores."""
    abstains_below: float = 0.0
    """When the first score is lower, nothing is found, unless the caller names a least score."""

    def shown(self, sums: Floats, of: Features) -> Floats:
        """The scores that answers show for the sums."""
        return sums if self.calibration is None else np.round(self.calibration(sums, of), SCORE_DECIMALS)

    def scores(self, components: Components) -> Floats:
        """The weighted sum of every candidate, times the factor if there is one, rounded: what orders them."""
        total = np.zeros(len(next(iter(components.values()))))
        for name, weight in self.weights.items():
            total += weight * components[name]
        if self.factor is not None:
            total *= components[self.factor]
        return np.round(total, SCORE_DECIMALS)

    def kept(self, components: Components) -> Mask:
        """Which candidates no floor drops."""
        kept = np.ones(len(next(iter(components.values()))), dtype=np.bool_)
        for name, floor in self.floors.items():
            kept &= components[name] >= floor
        return kept


def ordered(scores: Floats, ties: Ties) -> Places:
    """Indices from the best to the last: score, then latest creation, then id."""
    return np.lexsort((ties.record_low, ties.record_high, -ties.created_at, -scores))


def best(scores: Floats, within: Mask, limit: int, ties: Ties) -> Places:
    """The ``limit`` best of the entries ``within`` whose score is above 0, in order."""
    places = np.flatnonzero(within & (scores > 0))
    found = scores[places]
    if len(places) > limit:
        # Only what reaches the last score that can count is sorted.
        reaches = found >= np.partition(found, -limit)[-limit]
        places, found = places[reaches], found[reaches]
    chosen: Places = places[ordered(found, ties.of(places))][:limit]
    return chosen


def twins(order: Places, content: Integers, kind: npt.NDArray[np.uint8]) -> Mask:
    """Along ``order``: whether an earlier entry of the other kind has the same content."""
    kinds = kind[order]
    if len(order) == 0 or (kinds == kinds[0]).all():
        return np.zeros(len(order), dtype=np.bool_)
    _, first, same = np.unique(content[order], return_index=True, return_inverse=True)
    found: Mask = kinds[first[same]] != kinds
    return found
