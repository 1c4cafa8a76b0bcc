"""The side of meaning: what the vector store says of one query, and that it may be away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Collection, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import numpy as np
import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vectors import (
    DimensionMismatchError,
    EmbeddingModel,
    RecordKind,
    Scope,
    Vector,
    VectorComparison,
    VectorReading,
    VectorStore,
)
from mneme_gateway.search.documents import Floats
from mneme_gateway.search.index import View
from mneme_gateway.search.spans import span

_AWAY = (DependencyError, PermanentError, DimensionMismatchError, TimeoutError)
_LOW_HALF = 2**64 - 1
_STALE_MAX = 16
"""So many points of closed versions may stand before the wanted ones until the embedder has closed them."""

T = TypeVar("T")


class Vectors(VectorStore, VectorComparison, VectorReading, Protocol):
    """A store that finds the nearest points, compares named ones, and gives them back."""


class VectorSide:
    """Where vectors come from, how long to wait for them, and how exactly."""

    def __init__(self, store: Vectors, model: EmbeddingModel, patience_seconds: float) -> None:
        self.store = store
        self.model = model
        self.patience = patience_seconds


class Neighbours:
    """What is known so far about one query. An error of store or model ends no search: it goes on by words."""

    def __init__(self, side: VectorSide, scope: Scope, kinds: Collection[RecordKind], as_of: int | None) -> None:
        self._side = side
        self._scope = scope
        self._kinds = kinds
        self._as_of = as_of
        self._vector: Vector | None = None
        self._known: dict[UUID, float] = {}
        self._embedded = asyncio.Event()
        self._has_looked = False
        self.complete = False
        self.away = False
        self.embedding_ms = 0.0
        self.vector_ms = 0.0

    async def begin(self, text: str, limit: int | None) -> None:
        """Turns the query into a vector, and finds its nearest points unless there is no ``limit``."""
        started = time.perf_counter()
        try:
            vectors = await self._patiently(self._side.model.embed([text]))
            # A query without a word that the model knows has no neighbours.
            self._vector = vectors[0] if vectors is not None and vectors.any() else None
            self.complete = self._vector is None
        finally:
            self._embedded.set()
            self.embedding_ms = _milliseconds_since(started)
        if limit is not None:
            await self.look(limit)

    async def look(self, limit: int) -> None:
        """Finds the nearest points of the whole scope; once is enough."""
        if not self._has_looked:
            self._has_looked = True
            self.complete |= await self._nearest(limit, None) < limit

    async def look_among(self, records: Sequence[UUID], limit: int) -> None:
        """Finds the nearest points of the records."""
        await self._nearest(limit + _STALE_MAX, records)

    async def compare(self, points: Sequence[UUID]) -> None:
        """Adds the similarities of the points that are not known yet."""
        await self._embedded.wait()
        missing = [point for point in points if point not in self._known]
        if missing and not self.complete and self._vector is not None:
            side = self._side
            compared = side.store.similarities(self._scope, side.model.name, self._vector, missing)
            self._known |= await self._searched(compared) or {}

    def similarities(self, view: View) -> Floats:
        """The cosine of every document, NaN where none is known; points that are not live in the view are dropped."""
        found = np.full(len(view.live), np.nan)
        if self._known and not self.away:
            points = np.array([point.int & _LOW_HALF for point in self._known], dtype=np.uint64)
            places = view.places(points)
            cosines = np.array(list(self._known.values()))
            found[places[places >= 0]] = cosines[places >= 0]
        return found

    async def _nearest(self, limit: int, allowed: Sequence[UUID] | None) -> int:
        """The number of points found, which are known from now on."""
        if self.complete or self._vector is None:
            return 0
        side = self._side
        nearest = side.store.nearest(
            self._scope, side.model.name, self._vector, limit, as_of=self._as_of, kinds=self._kinds, allowed=allowed
        )
        hits = await self._searched(nearest) or []
        self._known |= {hit.point_id: hit.similarity for hit in hits}
        return len(hits)

    async def _searched(self, request: Awaitable[T]) -> T | None:
        started = time.perf_counter()
        with span("knn_search"):
            answer = await self._patiently(request)
        self.vector_ms += _milliseconds_since(started)
        return answer

    async def _patiently(self, request: Awaitable[T]) -> T | None:
        try:
            async with asyncio.timeout(self._side.patience):
                return await request
        except _AWAY as error:
            self.away = self.complete = True
            reason = str(error) or type(error).__name__
            structlog.get_logger("mneme.gateway").warning("search without vectors", reason=reason)
            return None


def _milliseconds_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
