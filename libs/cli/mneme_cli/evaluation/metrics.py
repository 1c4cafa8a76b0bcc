"""The measures, as functions of values.

A ranking is a sequence of hits from the best on; a hit is the set of documents that it stands for: one for a
message, the messages that it was extracted from for a memory. A document counts where it first comes up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

Ranking = Sequence[frozenset[str]]


def recall(ranking: Ranking, relevant: Collection[str], k: int) -> float:
    """The share of the relevant documents among the first ``k`` hits; there must be a relevant one."""
    return len(_covered(ranking, k) & set(relevant)) / len(set(relevant))


def all_found(ranking: Ranking, relevant: Collection[str], k: int) -> float:
    """1 when every relevant document is among the first ``k`` hits, else 0."""
    return float(set(relevant) <= _covered(ranking, k))


def reciprocal_rank(ranking: Ranking, relevant: Collection[str]) -> float:
    """1 by the place of the first hit that is relevant, 0 when none is."""
    wanted = set(relevant)
    return next((1 / place for place, hit in enumerate(ranking, start=1) if hit & wanted), 0.0)


def ndcg(ranking: Ranking, gains: Mapping[str, float], k: int) -> float:
    """Discounted cumulative gain by that of the best order, both cut at ``k`` (Jarvelin and Kekalainen, 2002).

    Gains count as they are. A hit of several documents has the largest gain of those that are new.
    """
    seen: set[str] = set()
    found = []
    for hit in ranking[:k]:
        found.append(max((gains.get(document, 0.0) for document in hit - seen), default=0.0))
        seen |= hit
    ideal = _discounted(sorted(gains.values(), reverse=True)[:k])
    return _discounted(found) / ideal if ideal else 0.0


def any_session(sessions: Iterable[str], wanted: Collection[str], k: int) -> float:
    """1 when one of the wanted sessions is among the first ``k`` different ones, else 0."""
    return float(any(session in wanted for session in islice(dict.fromkeys(sessions), k)))


def percentile(values: Collection[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def separation(higher: Collection[float], lower: Collection[float]) -> float:
    """How likely one of the first exceeds one of the second, ties half (the area under the ROC curve)."""
    ranks: dict[float, tuple[int, int]] = {}
    for value in higher:
        above, below = ranks.get(value, (0, 0))
        ranks[value] = above + 1, below
    for value in lower:
        above, below = ranks.get(value, (0, 0))
        ranks[value] = above, below + 1
    won, passed = 0.0, 0
    for value in sorted(ranks):
        above, below = ranks[value]
        won += above * (passed + below / 2)
        passed += below
    return won / (len(higher) * len(lower))


def mean(values: Collection[float]) -> float:
    """The arithmetic mean."""
    return sum(values) / len(values)


def spread(values: Collection[float]) -> float:
    """The standard deviation of a population; 0 for a single value."""
    middle = mean(values)
    return math.sqrt(mean([(value - middle) ** 2 for value in values]))


def _covered(ranking: Ranking, k: int) -> set[str]:
    covered: set[str] = set()
    return covered.union(*ranking[:k])


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
