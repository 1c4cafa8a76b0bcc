"""Where results end before their number is reached: too unlikely, or a gap to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """``min_score`` is what each result must reach. Without it nothing at all is found when the first score lies
    below ``abstains_below``. ``score_gap`` ends the results where a score lies further than that below the last.
    """

    min_score: float | None = None
    score_gap: float | None = None
    abstains_below: float = 0.0

    def kept(self, scores: Sequence[float]) -> tuple[int, str]:
        """How many of the scores, which fall, are kept, and what the others are dropped for."""
        if self.min_score is None and scores and scores[0] < self.abstains_below:
            return 0, "abstained"
        least = self.min_score
        count = len(scores) if least is None else sum(score >= least for score in scores)
        if self.score_gap is not None:
            for rank in range(1, count):
                if scores[rank - 1] - scores[rank] > self.score_gap:
                    return rank, "gap"
        return count, "score"
