"""The vectors of a user's documents in process: exact comparisons without asking the store for each query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vectors import DimensionMismatchError, Scope, Vector, VectorReading, Vectors
from mneme_gateway.decide.ranking import Places
from mneme_gateway.search.documents import Flags, Floats

AWAY = (DependencyError, PermanentError, DimensionMismatchError, TimeoutError)
_ASKED_AT_ONCE = 2_000
_UNKNOWN_ASKED_MAX = 4_000
"""So many documents without a vector are asked for with a query, the newest first, while the embedder catches up."""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A row for each document; only the rows of ``known`` documents mean anything."""

    rows: Vectors
    known: Flags

    def similarity(self, vector: Vector | None) -> Floats:
        """The cosine of every document, NaN where none is known."""
        if vector is None or self.rows.shape[1] != len(vector):
            return np.full(len(self.known), np.nan)
        found: Floats = (self.rows @ vector).astype(np.float64)
        found[~self.known] = np.nan
        return found


class EmbeddingRows:
    """Rows that are filled in when their vectors are there. A version's vector never changes."""

    def __init__(self) -> None:
        self._rows: Vectors = np.empty((0, 0), dtype=np.float32)
        self._known: Flags = np.empty(0, dtype=np.bool_)

    def cover(self, count: int) -> None:
        """Makes room for ``count`` documents."""
        added = count - len(self._known)
        if added > 0:
            self._known = np.append(self._known, np.zeros(added, dtype=np.bool_))
            self._grow(self._rows.shape[1])

    def put(self, places: Places, vectors: Vectors) -> None:
        """Sets rows; raises DimensionMismatchError when earlier ones are of another dimension."""
        dimension = self._rows.shape[1]
        if dimension not in (0, vectors.shape[1]):
            raise DimensionMismatchError(f"vectors of {vectors.shape[1]} dimensions among those of {dimension}")
        self._grow(vectors.shape[1])
        self._rows[places] = vectors
        self._known[places] = True

    def missing(self, live: Flags) -> Places:
        """The live documents without a vector, the newest first."""
        return np.flatnonzero(live & ~self._known)[::-1]

    def snapshot(self, live: Flags) -> Embeddings:
        """The present rows of what is live. Those that are unknown now may be filled in later, unseen by it."""
        return Embeddings(self._rows[: len(self._known)], self._known & live)

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, room for growth included."""
        return self._rows.nbytes + self._known.nbytes

    def _grow(self, dimension: int) -> None:
        count = len(self._known)
        if self._rows.shape[1] != dimension or len(self._rows) < count:
            grown = np.zeros((max(count, len(self._rows) + len(self._rows) // 4), dimension), dtype=np.float32)
            if self._rows.shape[1] == dimension:
                grown[: len(self._rows)] = self._rows
            self._rows = grown


class StoredVectors:
    """Reads what an index lacks, for a bounded time; searches go on by words when the store is away."""

    def __init__(self, store: VectorReading, model: str, patience_seconds: float) -> None:
        self._store = store
        self._model = model
        self._patience = patience_seconds

    async def read(self, scope: Scope, points: list[UUID], *, all_of_them: bool) -> dict[UUID, Vector] | None:
        """The vectors that are there; None while the store is away. Not ``all_of_them``: the first few thousand."""
        wanted = points if all_of_them else points[:_UNKNOWN_ASKED_MAX]
        found: dict[UUID, Vector] = {}
        try:
            for chunk in _chunks(wanted):
                async with asyncio.timeout(self._patience):
                    found |= await self._store.vectors(scope, self._model, chunk)
        except AWAY as error:
            reason = str(error) or type(error).__name__
            structlog.get_logger("mneme.gateway").warning("search without vectors", reason=reason)
            return None
        return found


def _chunks(points: list[UUID]) -> Iterator[list[UUID]]:
    for first in range(0, len(points), _ASKED_AT_ONCE):
        yield points[first : first + _ASKED_AT_ONCE]
