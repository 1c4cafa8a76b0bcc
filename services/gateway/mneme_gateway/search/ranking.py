"""From candidates to results: features from the columns of a view, then the pure functions of ``decide``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from mneme_common.domain.identifiers import microseconds
from mneme_common.domain.vocabulary import CONFIDENCE_DECAY_DAYS
from mneme_gateway.decide.ranking import SCORE_DECIMALS, Components, Features, Places, Profile, Ties, ordered, twins
from mneme_gateway.decide.ranking_cut import Cut
from mneme_gateway.search.candidates import Candidates, Evidence
from mneme_gateway.search.documents import Floats, Integers
from mneme_gateway.search.index import View

_DECAY_DAYS: dict[str, float] = {tier.value: days for tier, days in CONFIDENCE_DECAY_DAYS.items()}
_MICROSECONDS = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A document by number, its score, and its row in the components of all candidates; ``added`` are more of them."""

    place: int
    score: float
    row: int
    columns: Components
    added: Mapping[str, float] = field(default_factory=dict)

    @property
    def components(self) -> dict[str, float]:
        """What the score is made of; put together only for those who are shown it."""
        made = {name: round(float(column[self.row]), SCORE_DECIMALS) for name, column in self.columns.items()}
        return {**made, **self.added}


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates in arrays. ``order`` has them from the best on, with the ``reasons`` that keep some from being
    results: 0 for none, else the number of a reason."""

    places: Places
    scores: Floats
    columns: Components
    order: Places
    reasons: npt.NDArray[np.uint8]

    def scored(self, row: int) -> Scored:
        """One candidate."""
        return Scored(int(self.places[row]), float(self.scores[row]), row, self.columns)


_REASONS = ("rank", "floor", "twin")


class Ranked:
    """Results from the best on; candidates that are none, each with why not.

    Reasons: floor, twin, rank, abstained, score, gap.
    """

    def __init__(self) -> None:
        self.results: list[Scored] = []
        self._cut: list[tuple[Scored, str]] = []
        self._passed: list[tuple[Ranking, Places]] = []

    def add(self, ranking: Ranking, top_k: int) -> None:
        """Takes in candidates that rank behind those that are here already."""
        eligible = np.flatnonzero(ranking.reasons == 0)[: max(top_k - len(self.results), 0)]
        self.results += [ranking.scored(row) for row in ranking.order[eligible].tolist()]
        self._passed.append((ranking, np.delete(np.arange(len(ranking.order)), eligible)))

    def end(self, cut: Cut) -> None:
        """Drops the results behind the cut."""
        count, reason = cut.kept([scored.score for scored in self.results])
        self._cut = [(scored, reason) for scored in self.results[count:]]
        del self.results[count:]

    def put(self, results: list[Scored], dropped: list[tuple[Scored, str]]) -> None:
        """Another order of the same candidates."""
        self.results, self._cut, self._passed = results, dropped, []

    @property
    def dropped(self) -> list[tuple[Scored, str]]:
        """Put together only for those who are shown it."""
        passed = [
            (ranking.scored(int(ranking.order[rank])), _REASONS[ranking.reasons[rank]])
            for ranking, ranks in self._passed
            for rank in ranks.tolist()
        ]
        return [*self._cut, *passed]


def rank(view: View, candidates: Candidates, evidence: Evidence, profile: Profile, now: datetime) -> Ranking | None:
    """The candidates from the best on, None when there are none."""
    places = candidates.places
    if not len(places):
        return None
    features = _features(view, places, evidence, microseconds(now))
    components = profile.components(features)
    scores, kept = profile.scores(components), profile.kept(components)
    documents = view.documents
    order = ordered(scores, Ties(documents.created_at, documents.record_high, documents.record_low).of(places))
    eligible, below = order[kept[order]], order[~kept[order]]
    reasons = np.full(len(order), _REASONS.index("floor"), dtype=np.uint8)
    reasons[: len(eligible)] = _REASONS.index("twin") * twins(places[eligible], documents.content, documents.kind)
    return Ranking(places, profile.shown(scores, features), components, np.concatenate([eligible, below]), reasons)


def _features(view: View, places: Places, evidence: Evidence, now: int) -> Features:
    documents = view.documents
    tiers = [view.labels.texts[code] for code in documents.tier[places]]
    return Features(
        similarity=evidence.similarity[places],
        keyword=evidence.keyword[places],
        importance=documents.importance[places],
        confidence=documents.confidence[places],
        confidence_days=np.array([_DECAY_DAYS.get(tier, np.inf) for tier in tiers]),
        age=_seconds(now - documents.created_at[places]),
        occurred_age=_seconds(now - documents.occurred_at[places]),
        feedback=None if evidence.feedback is None else evidence.feedback[places],
        signals=evidence.signals_at(places),
    )


def _seconds(elapsed: Integers) -> Floats:
    return np.maximum(elapsed, 0) / _MICROSECONDS
