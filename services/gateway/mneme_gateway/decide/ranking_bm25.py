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
    count = int(np.count_nonzero(live))
    if count == 0 or not query:
        return np.zeros(len(lengths))
    # Without a single term anywhere nothing matches either; 1.0 only keeps the division defined.
    average = int(lengths.sum(dtype=np.int64, where=live)) / count or 1.0
    documents = np.concatenate([term.documents for term in query])
    owners = np.repeat(np.arange(len(query)), [len(term.documents) for term in query])
    kept = live[documents]
    documents, owners = documents[kept], owners[kept]
    frequencies = np.concatenate([term.frequencies for term in query])[kept].astype(np.float64)
    found = np.bincount(owners, minlength=len(query))
    weights = np.array([term.repetitions for term in query]) * np.log1p((count - found + 0.5) / (found + 0.5))
    discounts = parameters.k1 * (1 - parameters.b + parameters.b * (lengths[documents] / average))
    parts = weights[owners] * frequencies * (parameters.k1 + 1) / (frequencies + discounts)
    # Entries are added one after the other, so in the order of the terms.
    return np.bincount(documents, parts, minlength=len(lengths)).astype(np.float64, copy=False)
