"""A vector store in memory: the same promises as the real ones, without their servers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vectors import (
    Closing,
    DimensionMismatchError,
    Neighbour,
    Point,
    PointKey,
    RecordKind,
    Scope,
    Vector,
    require_dimension,
)


@dataclass(slots=True)
class _Stored:
    record_id: UUID
    kind: RecordKind
    embedding: Vector | None
    from_seq: int
    to_seq: int | None

    def open_at(self, as_of: int | None) -> bool:
        if as_of is None:
            return self.to_seq is None
        return self.from_seq <= as_of and (self.to_seq is None or as_of < self.to_seq)


class InMemoryVectorStore:
    """Keeps points in a dictionary. ``away`` makes every call fail as a store would that cannot be reached."""

    def __init__(self) -> None:
        self._points: dict[PointKey, _Stored] = {}
        self._dimensions: dict[str, int] = {}
        self.away = False

    async def register(self, model: str, dimension: int) -> None:
        """See VectorRegistry."""
        await self.check(model, dimension)
        self._dimensions[model] = dimension

    async def check(self, model: str, dimension: int) -> None:
        """See VectorRegistry."""
        self._require_presence()
        known = self._dimensions.get(model, dimension)
        if known != dimension:
            raise DimensionMismatchError(f"{model} has vectors of dimension {known}, not {dimension}")

    async def drop(self, model: str) -> None:
        """See VectorRegistry."""
        self._require_presence()
        self._points = {key: stored for key, stored in self._points.items() if key.model != model}
        self._dimensions.pop(model, None)

    async def upsert(self, points: Sequence[Point]) -> None:
        """See VectorStore."""
        self._require_presence()
        for point in points:
            require_dimension(point.embedding, self._dimension(point.key.model), point.key.model)
        for point in points:
            known = self._points.get(point.key)
            to_seq = point.to_seq if known is None or known.to_seq is None else known.to_seq
            self._points[point.key] = _Stored(point.record_id, point.kind, point.embedding, point.from_seq, to_seq)

    async def close(self, closings: Sequence[Closing]) -> None:
        """See VectorStore."""
        self._require_presence()
        for closing in closings:
            known = self._points.setdefault(
                closing.key, _Stored(closing.record_id, closing.kind, None, closing.to_seq, closing.to_seq)
            )
            if known.to_seq is None:
                known.to_seq = closing.to_seq

    async def remove(self, keys: Sequence[PointKey]) -> None:
        """See VectorStore."""
        self._require_presence()
        for key in keys:
            self._points.pop(key, None)

    async def erase(self, scope: Scope, up_to: int) -> int:
        """See VectorErasure."""
        self._require_presence()
        owner = (scope.tenant_id, scope.user_id)
        gone = [
            key
            for key, point in self._points.items()
            if (key.tenant_id, key.user_id) == owner and point.from_seq <= up_to
        ]
        for key in gone:
            del self._points[key]
        return len(gone)

    async def nearest(
        self,
        scope: Scope,
        model: str,
        vector: Vector,
        limit: int,
        *,
        as_of: int | None = None,
        kinds: Collection[RecordKind] | None = None,
        allowed: Collection[UUID] | None = None,
    ) -> list[Neighbour]:
        """See VectorStore."""
        self._require_presence()
        if model in self._dimensions:
            require_dimension(vector, self._dimensions[model], model)
        found = [
            Neighbour(key.point_id, stored.record_id, stored.kind, float(np.dot(stored.embedding, vector)))
            for key, stored in self._points.items()
            if (key.tenant_id, key.user_id, key.model) == (scope.tenant_id, scope.user_id, model)
            and stored.embedding is not None
            and stored.open_at(as_of)
            and (kinds is None or stored.kind in kinds)
            and (allowed is None or stored.record_id in allowed)
        ]
        return sorted(found, key=lambda neighbour: (-neighbour.similarity, neighbour.point_id))[:limit]

    async def similarities(
        self, scope: Scope, model: str, vector: Vector, points: Collection[UUID]
    ) -> dict[UUID, float]:
        """See VectorComparison."""
        self._require_presence()
        if model in self._dimensions:
            require_dimension(vector, self._dimensions[model], model)
        stored = {
            point_id: self._points.get(PointKey(scope.tenant_id, scope.user_id, model, point_id)) for point_id in points
        }
        return {
            point_id: float(np.dot(known.embedding, vector))
            for point_id, known in stored.items()
            if known is not None and known.embedding is not None
        }

    async def vectors(self, scope: Scope, model: str, points: Collection[UUID]) -> dict[UUID, Vector]:
        """See VectorReading."""
        self._require_presence()
        stored = {
            point_id: self._points.get(PointKey(scope.tenant_id, scope.user_id, model, point_id)) for point_id in points
        }
        return {
            point_id: known.embedding
            for point_id, known in stored.items()
            if known is not None and known.embedding is not None
        }

    def _dimension(self, model: str) -> int:
        if model not in self._dimensions:
            raise DimensionMismatchError(f"{model} has not been registered")
        return self._dimensions[model]

    def _require_presence(self) -> None:
        if self.away:
            raise DependencyError("the vector store is away")
