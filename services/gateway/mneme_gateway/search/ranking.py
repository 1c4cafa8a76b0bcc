"""From candidates to results: features from the columns of a view, then the pure functions of ``decide``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

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
    """A document by number, its score, and its row in the components of all candidates."""

    place: int
    score: float
    row: int
    columns: Components

    @property
    def components(self) -> dict[str, float]:
        """What the score is made of; put together only for those who are shown it."""
        return {name: round(float(column[self.row]), SCORE_DECIMALS) for name, column in self.columns.items()}


@dataclass(slots=True)
class Ranked:
    """Results from the best on; candidates that are none, each with why not.

    Reasons: floor, twin, rank, abstained, score, gap.
    """

    results: list[Scored] = field(default_factory=list)
    dropped: list[tuple[Scored, str]] = field(default_factory=list)

    def add(self, candidates: list[tuple[Scored, str | None]], top_k: int) -> None:
        """Takes in candidates that rank behind those that are here already."""
        for scored, reason in candidates:
            if reason is None and len(self.results) < top_k:
                self.results.append(scored)
            else:
                self.dropped.append((scored, reason or "rank"))

    def end(self, cut: Cut) -> None:
        """Drops the results behind the cut."""
        count, reason = cut.kept([scored.score for scored in self.results])
        self.dropped[:0] = [(scored, reason) for scored in self.results[count:]]
        del self.results[count:]


def rank(
    view: View, candidates: Candidates, evidence: Evidence, profile: Profile, now: datetime
) -> list[tuple[Scored, str | None]]:
    """The candidates from the best on, those that cannot be results with the reason why."""
    places = candidates.places
    if not len(places):
        return []
    features = _features(view, places, evidence, microseconds(now))
    components = profile.components(features)
    scores, kept = profile.scores(components), profile.kept(components)
    documents = view.documents
    order = ordered(scores, Ties(documents.created_at, documents.record_high, documents.record_low).of(places))
    eligible, below = order[kept[order]], order[~kept[order]]
    twin = twins(places[eligible], documents.content, documents.kind)
    scored = _scored(places, profile.shown(scores, features), components)
    return [
        *((scored[which], "twin" if is_twin else None) for which, is_twin in zip(eligible, twin, strict=True)),
        *((scored[which], "floor") for which in below),
    ]


def _scored(places: Places, scores: Floats, components: Components) -> list[Scored]:
    rows = enumerate(zip(places.tolist(), scores.tolist(), strict=True))
    return [Scored(place, score, row, components) for row, (place, score) in rows]


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
        signals={name: column[places] for name, column in evidence.signals.items()},
    )


def _seconds(elapsed: Integers) -> Floats:
    return np.maximum(elapsed, 0) / _MICROSECONDS
