"""Which candidates a second stage may put in another order, and the order that its scores make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BEYOND = "rank"
"""Why the first stage left a candidate out that is as good as any, only behind the last result."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate of the first stage: its score, and why it is no result (None: it is one)."""

    score: float
    reason: str | None


def admitted(candidates: Sequence[Standing], min_score: float | None) -> list[int]:
    """The places, best first, of all candidates that may become results, however many results are wanted.

    What filters, floors, twins and cuts have taken out stays out. Where the first stage found that nothing answers,
    or that what follows is far worse, nothing behind that comes back.
    """
    ended = any(standing.reason in ("abstained", "score", "gap") for standing in candidates)
    kept = [place for place, standing in enumerate(candidates) if standing.reason is None]
    if ended:
        return kept
    least = min_score or 0.0
    return kept + [
        place for place, standing in enumerate(candidates) if standing.reason == BEYOND and standing.score >= least
    ]


def reordered(places: Sequence[int], scores: Sequence[float]) -> list[int]:
    """The places by falling score; equal ones keep the order of the first stage."""
    if len(places) != len(scores):
        raise ValueError("one score a candidate")
    return [place for _, place in sorted(zip(scores, places, strict=True), key=lambda pair: -pair[0])]
