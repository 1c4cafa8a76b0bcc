"""Okapi BM25 (Robertson and Zaragoza, 2009), exact: statistics are those of the live documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bm25Parameters:
    """``k1`` bounds what repetition adds, ``b`` how far long documents are discounted."""

    k1: float = 0.9
    b: float = 0.4


@dataclass(frozen=True, slots=True)
class TermPostings:
    """One query term: how often the query has it, and which documents do, each once."""

    repetitions: int
    documents: npt.NDArray[np.uint32]
    frequencies: npt.NDArray[np.uint16]


def bm25(
    query: Sequence[TermPostings],
    lengths: npt.NDArray[np.uint32],
    live: Mask,
    parameters: Bm25Parameters,
) -> Floats:
    """A score for every document, 0 where nothing matches or the document is not live.

    A document needs one term of the query, not all. The sum runs in the order of ``query``, so the same
    documents give the same bits however they are numbered.
    """
    scores = np.zeros(len(lengths))
    count = int(np.count_nonzero(live))
    if count == 0:
        return scores
    # Without a single term anywhere nothing matches either; 1.0 only keeps the division defined.
    average = int(lengths[live].sum(dtype=np.int64)) / count or 1.0
    for term in query:
        kept = live[term.documents]
        documents = term.documents[kept]
        frequencies = term.frequencies[kept].astype(np.float64)
        found = len(documents)
        weight = term.repetitions * np.log1p((count - found + 0.5) / (found + 0.5))
        relative = lengths[documents] / average
        discount = parameters.k1 * (1 - parameters.b + parameters.b * relative)
        scores[documents] += weight * frequencies * (parameters.k1 + 1) / (frequencies + discount)
    return scores
