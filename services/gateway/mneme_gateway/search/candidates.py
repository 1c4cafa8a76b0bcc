"""Who is a candidate: the best by words and the nearest by meaning, each exact among the documents allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Places, Profile, Ties, best
from mneme_gateway.decide.ranking_signals import Signals
from mneme_gateway.search.documents import Flags, Floats
from mneme_gateway.search.index import View

_SPEAKER_DEVIATIONS = 2.0
"""On a list, being spoken by who is asked about weighs as much as two standard deviations of the score."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of every document of a view in the light of one query.

    ``similarity`` is NaN where none is known; ``signals`` are None for profiles that read none, and tell documents
    apart by their ``slot``.
    """

    keyword: Floats
    similarity: Floats
    signals: Signals | None
    slot: Places
    away: bool
    feedback: Floats | None = None
    """What to multiply scores by for what was said of the documents."""

    def column(self, name: str) -> Floats:
        """One entry a document, of a signal that brings candidates."""
        if self.signals is None:
            raise LookupError("a profile that reads no signals has no lists of them")
        column: Floats = self.signals.column(name)[self.slot]
        return column

    def signals_at(self, places: Places) -> dict[str, Floats]:
        """All signals of some documents."""
        return {} if self.signals is None else self.signals.at(self.slot[places])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents of a view by number."""

    lexical: Places
    nearest: Places
    others: Places

    @property
    def places(self) -> Places:
        """All together, each document once."""
        return np.unique(np.concatenate([self.lexical, self.nearest, self.others]))


def candidates_among(view: View, evidence: Evidence, profile: Profile, allowed: Flags, pool: int) -> Candidates:
    """The best ``pool`` of each list among the documents ``allowed``."""
    ties = Ties(view.documents.created_at, view.documents.record_high, view.documents.record_low)
    if profile.latest_first:
        return _latest(view, allowed, pool, ties)
    lexical = best(evidence.keyword, allowed, pool, ties)
    if profile.embedded_only and not evidence.away:
        lexical = lexical[:0]
    # No cosine is below -1: shifted by 2, every known one is above 0, every unknown one is not.
    nearest = best(np.fmax(evidence.similarity, -2.0) + 2, allowed, pool, ties)
    listed = [best(column, allowed, pool, ties) for column in _columns(evidence, profile)]
    return Candidates(lexical, nearest, np.concatenate([*listed, lexical[:0]]))


def _latest(view: View, allowed: Flags, pool: int, ties: Ties) -> Candidates:
    moments = view.documents.occurred_at
    since_first = moments - moments.min(initial=0, where=allowed) + 1
    chosen = best(since_first.astype(np.float64), allowed, pool, ties)
    return Candidates(chosen, chosen[:0], chosen[:0])


def _columns(evidence: Evidence, profile: Profile) -> Iterator[Floats]:
    """The lists of the profile; where somebody is asked about, what he says is raised."""
    if evidence.signals is None:
        return
    speaker = evidence.signals.speaker[evidence.slot]
    is_raised = bool(speaker.any())
    for name in profile.lists:
        column = evidence.column(name)
        yield column + _SPEAKER_DEVIATIONS * float(np.std(column)) * speaker if is_raised else column
