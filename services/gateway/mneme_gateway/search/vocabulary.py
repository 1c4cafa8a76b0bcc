"""Which terms mean much the same: learnt from static word vectors, the same in every process and for every user.

Only numbers of terms are kept, and a term's relations follow from the term alone: what one user wrote changes
nothing for another.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mneme_common.domain.vectors import Vector, Vectors
from mneme_gateway.search.documents import Floats
from mneme_gateway.search.tokens import TermIds

_SIMILARITY_MIN = 0.35
_TERMS_MAX = 65_536
_REMEMBERED_MAX = 4_096


class WordVectors(Protocol):
    """A static embedding of words."""

    def of_terms(self, terms: Sequence[str]) -> Vectors:
        """One unit row an index term, zeros where nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Related:
    """Terms in ascending order, with weights from 0 to 1; the term itself has 1."""

    terms: TermIds
    weights: Floats


class Vocabulary:
    """Terms that any text has had, up to a bound, and their vectors."""

    def __init__(self, words: WordVectors | None) -> None:
        self._words = words
        self._pending: list[tuple[int, str]] = []
        self._known: set[int] = set()
        self._numbers: TermIds = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, 0), dtype=np.float32)
        self._remembered: OrderedDict[str, tuple[int, Related]] = OrderedDict()

    def note(self, number: int, term: str) -> None:
        """Takes a term in; may be called from any thread."""
        if self._words is not None and number not in self._known and len(self._known) < _TERMS_MAX:
            self._known.add(number)
            self._pending.append((number, term))

    def related(self, term: str, number: int) -> Related:
        """The terms that are at least a little like this one, weighted by the square of their similarity."""
        self._take_in()
        seen, found = self._remembered.get(term, (0, _alone(number)))
        if self._words is not None and seen < len(self._numbers):
            found = self._extended(found, self._words.of_terms([term])[0], number, seen)
            self._remembered[term] = (len(self._numbers), found)
            if len(self._remembered) > _REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return found

    def _extended(self, found: Related, vector: Vector, number: int, seen: int) -> Related:
        similarity = self._vectors[seen:] @ vector
        near = np.flatnonzero((similarity >= _SIMILARITY_MIN) & (self._numbers[seen:] != number))
        terms = np.concatenate([found.terms, self._numbers[seen:][near]])
        weights = np.concatenate([found.weights, np.square(similarity[near].astype(np.float64))])
        order = np.argsort(terms)
        return Related(terms[order], weights[order])

    def _take_in(self) -> None:
        added = self._pending[: len(self._pending)]
        if not added or self._words is None:
            return
        del self._pending[: len(added)]
        vectors = self._words.of_terms([term for _, term in added])
        numbers = np.array([number for number, _ in added], dtype=np.int64)
        self._numbers = np.concatenate([self._numbers, numbers])
        self._vectors = np.concatenate([self._vectors, vectors]) if self._vectors.size else vectors


def _alone(number: int) -> Related:
    return Related(np.array([number], dtype=np.int64), np.ones(1))
