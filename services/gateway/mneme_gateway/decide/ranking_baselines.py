"""Rankings to compare with: words alone, meaning alone, and reciprocal rank fusion of the two."""

from __future__ import annotations

import numpy as np

from mneme_gateway.decide.ranking import Components, Features, Floats, Mask, Profile
from mneme_gateway.decide.ranking_profiles import bounded

RRF_CONSTANT = 60
"""k of Cormack, Clarke and Buettcher (2009)."""

_ABOVE_ZERO = 1e-12


def _words(of: Features) -> Components:
    return {"bm25": bounded(of.keyword)}


def _meaning(of: Features) -> Components:
    return {"knn": np.nan_to_num(of.similarity, nan=0.0)}


def _reciprocal_ranks(of: Features) -> Components:
    """From 0 to 1: 1 for who is first on a side, 0 for who is not on it."""
    return {"bm25": _reciprocal_rank(of.keyword, of.keyword > 0), "knn": _by_meaning(of.similarity)}


def _by_meaning(similarity: Floats) -> Floats:
    known = ~np.isnan(similarity)
    return _reciprocal_rank(np.where(known, similarity, -np.inf), known)


def _reciprocal_rank(values: Floats, on_the_side: Mask) -> Floats:
    """Equal values have equal ranks, so nothing depends on the order of the candidates."""
    ascending = np.sort(values[on_the_side])
    better = len(ascending) - np.searchsorted(ascending, values, side="right")
    return np.where(on_the_side, (RRF_CONSTANT + 1) / (RRF_CONSTANT + 1 + better), 0.0)


BM25 = Profile("bm25", {"bm25": 1.0}, _words, floors={"bm25": _ABOVE_ZERO})
DENSE = Profile("dense", {"knn": 1.0}, _meaning, embedded_only=True)
RRF = Profile("rrf", {"bm25": 0.5, "knn": 0.5}, _reciprocal_ranks)
