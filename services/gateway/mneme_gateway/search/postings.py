"""Postings: which documents hold a term, and how often.

Immutable segments in compressed sparse rows: adding is cheap because it makes a small segment, reading is
cheap because small segments are merged into larger ones, so that there are never more than log(n) of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mneme_gateway.search.tokens import Numbers, TermIds, Tokens

Frequencies = npt.NDArray[np.uint16]
_FREQUENCY_MAX = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class Segment:
    """The postings of ``terms[i]`` are the entries ``starts[i]:starts[i + 1]``; terms and documents ascend."""

    terms: TermIds
    starts: Numbers
    documents: Numbers
    frequencies: Frequencies

    def find(self, term: int) -> slice:
        """Where the term's postings are; empty when it has none."""
        # A bare int would be converted with the whole array, at ten times the cost of the search.
        row = int(np.searchsorted(self.terms, np.int64(term)))
        if row == len(self.terms) or self.terms[row] != term:
            return slice(0, 0)
        return slice(int(self.starts[row]), int(self.starts[row + 1]))

    def find_all(self, terms: TermIds) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The entries of several terms, and for each entry the index of its term; terms must ascend."""
        rows = np.searchsorted(self.terms, terms)
        inside = rows < len(self.terms)
        known = np.flatnonzero(inside)[self.terms[rows[inside]] == terms[inside]]
        first, end = self.starts[rows[known]].astype(np.intp), self.starts[rows[known] + 1].astype(np.intp)
        counts = end - first
        owners = np.repeat(known, counts)
        offsets = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(first, counts) + offsets, owners

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.terms.nbytes + self.starts.nbytes + self.documents.nbytes + self.frequencies.nbytes


def segment_of(tokens: Tokens) -> Segment:
    """Counts the tokens; their documents must ascend."""
    order = np.argsort(tokens.terms, kind="stable")
    terms, documents = tokens.terms[order], tokens.documents[order]
    first = np.ones(len(terms), dtype=np.bool_)
    first[1:] = (terms[1:] != terms[:-1]) | (documents[1:] != documents[:-1])
    places = np.flatnonzero(first)
    counts = np.diff(places, append=len(terms))
    frequencies = np.minimum(counts, _FREQUENCY_MAX).astype(np.uint16)
    return _in_rows(terms[places], documents[places], frequencies)


def merged(segments: Sequence[Segment]) -> Segment:
    """One segment for several, whose documents ascend from segment to segment."""
    terms = np.concatenate([np.repeat(each.terms, np.diff(each.starts)) for each in segments])
    order = np.argsort(terms, kind="stable")
    documents = np.concatenate([each.documents for each in segments])[order]
    frequencies = np.concatenate([each.frequencies for each in segments])[order]
    return _in_rows(terms[order], documents, frequencies)


class Postings:
    """The segments of a growing index. What ``segments`` returned earlier stays as it was."""

    def __init__(self) -> None:
        self.segments: tuple[Segment, ...] = ()

    def add(self, added: Sequence[Segment]) -> None:
        """Appends segments of later documents as one, and merges while the last two are of similar size."""
        added = [segment for segment in added if segment.documents.size]
        if not added:
            return
        stack = [*self.segments, added[0] if len(added) == 1 else merged(added)]
        while len(stack) > 1 and stack[-2].documents.size < 2 * stack[-1].documents.size:
            stack[-2:] = [merged(stack[-2:])]
        self.segments = tuple(stack)

    @property
    def nbytes(self) -> int:
        """Bytes of all segments."""
        return sum(segment.nbytes for segment in self.segments)


def _in_rows(terms: TermIds, documents: Numbers, frequencies: Frequencies) -> Segment:
    first = np.ones(len(terms), dtype=np.bool_)
    first[1:] = terms[1:] != terms[:-1]
    starts = np.append(np.flatnonzero(first), len(terms)).astype(np.uint32)
    return Segment(terms[first], starts, documents, frequencies)
