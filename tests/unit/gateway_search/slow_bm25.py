"""BM25 as the textbook says it, one document and one term at a time: what the fast one must agree with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mneme_common.domain.text import terms


def slow_bm25(query: str, texts: Mapping[str, str], k1: float, b: float) -> dict[str, float]:
    """The score of every text that holds a term of the query."""
    cut = {name: terms(text) for name, text in texts.items()}
    if not cut:
        return {}
    average = sum(map(len, cut.values())) / len(cut)
    scores = dict.fromkeys(cut, 0.0)
    for term in terms(query):
        holders = sum(term in words for words in cut.values())
        weight = math.log(1 + (len(cut) - holders + 0.5) / (holders + 0.5))
        for name, words in cut.items():
            frequency = words.count(term)
            if frequency:
                discount = k1 * (1 - b + b * len(words) / average)
                scores[name] += weight * frequency * (k1 + 1) / (frequency + discount)
    return {name: score for name, score in scores.items() if score > 0}
