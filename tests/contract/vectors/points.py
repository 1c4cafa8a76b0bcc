"""Points of the contract tests: few dimensions, components that every store keeps exactly."""

from __future__ import annotations

import hashlib
from typing import Protocol
from uuid import UUID

import numpy as np

from mneme_common.domain.vectors import (
    Closing,
    Neighbour,
    Point,
    PointKey,
    RecordKind,
    Scope,
    Vector,
    VectorComparison,
    VectorErasure,
    VectorReading,
    VectorRegistry,
    VectorStore,
)

MODEL = "test-model"
DIMENSION = 4
ADA = Scope("acme", "ada")


class Store(VectorStore, VectorComparison, VectorReading, VectorErasure, VectorRegistry, Protocol):
    """What every adapter is: a store that also compares and gives back, and the registry of its models."""


def vector(*components: float) -> Vector:
    """The vector with these components."""
    return np.array(components, dtype=np.float32)


EAST, NORTH = vector(1, 0, 0, 0), vector(0, 1, 0, 0)
HALFWAY = vector(0.5, 0.5, 0.5, 0.5)


def name(number: int) -> UUID:
    """A readable id; larger numbers sort later."""
    return UUID(int=number)


def key(number: int, scope: Scope = ADA, model: str = MODEL) -> PointKey:
    """The key of point ``number``."""
    return PointKey(scope.tenant_id, scope.user_id, model, name(number))


def point(
    number: int,
    embedding: Vector = EAST,
    *,
    scope: Scope = ADA,
    model: str = MODEL,
    kind: RecordKind = RecordKind.MESSAGE,
    from_seq: int = 1,
    to_seq: int | None = None,
) -> Point:
    """Point ``number`` of record 1000 + ``number``."""
    return Point(
        key=key(number, scope, model),
        record_id=name(1000 + number),
        kind=kind,
        content_hash=hashlib.sha256(embedding.tobytes()).hexdigest(),
        embedding=embedding,
        from_seq=from_seq,
        to_seq=to_seq,
    )


def closing(number: int, to_seq: int, *, scope: Scope = ADA, kind: RecordKind = RecordKind.MESSAGE) -> Closing:
    """The end of point ``number``."""
    return Closing(key=key(number, scope), record_id=name(1000 + number), kind=kind, to_seq=to_seq)


async def found(
    store: VectorStore, query: Vector = EAST, *, scope: Scope = ADA, as_of: int | None = None, limit: int = 10
) -> list[int]:
    """The numbers of the points that a search finds, best first."""
    neighbours = await store.nearest(scope, MODEL, query, limit, as_of=as_of)
    return numbers(neighbours)


def numbers(neighbours: list[Neighbour]) -> list[int]:
    """The numbers of the points."""
    return [neighbour.point_id.int for neighbour in neighbours]
