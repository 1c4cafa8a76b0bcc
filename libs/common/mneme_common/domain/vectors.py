"""Vectors: what one is, where it may be searched, and the ports to whatever makes, stores and searches them.

Vectors are float32 of unit norm, or all zeros for a text without a token; similarity is their inner product.
A point is one version of a record under one model. Like its record it is open while ``to_seq`` is None, and
was open at ledger position p when from_seq <= p < to_seq.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
"""Shape (dimension,)."""

Vectors = npt.NDArray[np.float32]
"""Shape (n, dimension)."""


class RecordKind(StrEnum):
    """What a point stands for."""

    MESSAGE = "message"
    MEMORY = "memory"


class EmptyScopeError(ValueError):
    """A search without a tenant and a user: refused, not answered from everybody's (guarantee 12)."""


class DimensionMismatchError(ValueError):
    """Vectors of one model had another dimension so far, or a vector is not of the dimension of its model."""


class UnsuitableServerError(RuntimeError):
    """The vector store's server is too old for what Mneme asks of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose vectors a search may see; raises EmptyScopeError when either is empty."""

    tenant_id: str
    user_id: str

    def __post_init__(self) -> None:
        if not self.tenant_id or not self.user_id:
            raise EmptyScopeError("a vector search names a tenant and a user")


@dataclass(frozen=True, slots=True)
class PointKey:
    """The name of a point. Two tenants, users or models may use the same ``point_id`` without meeting."""

    tenant_id: str
    user_id: str
    model: str
    point_id: UUID

    def __post_init__(self) -> None:
        if not self.tenant_id or not self.user_id:
            raise EmptyScopeError("a point belongs to a tenant and a user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A version of a record with its vector; ``content_hash`` is the SHA-256 hex of the embedded text."""

    key: PointKey
    record_id: UUID
    kind: RecordKind
    content_hash: str
    embedding: Vector = field(compare=False, repr=False)
    from_seq: int
    to_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The end of a version at ledger position ``to_seq``; it may be known before its point is."""

    key: PointKey
    record_id: UUID
    kind: RecordKind
    to_seq: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A point that was found; ``similarity`` from -1 to 1."""

    point_id: UUID
    record_id: UUID
    kind: RecordKind
    similarity: float


class VectorStore(Protocol):
    """Stores and searches points. Every method raises DependencyError when the store is away.

    Writing anything twice, or late, changes nothing: once a point has a ``to_seq`` it keeps that one, whether
    its closing came after it or before it; apart from that the last embedding written stays.
    """

    async def upsert(self, points: Sequence[Point]) -> None:
        """Stores the points; searchable when this returns. Raises DimensionMismatchError."""

    async def close(self, closings: Sequence[Closing]) -> None:
        """Takes points out of present searches; those ``as_of`` an earlier position still see them."""

    async def remove(self, keys: Sequence[PointKey]) -> None:
        """Removes points for good: for erasure and purge, never for an ordinary deletion."""

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
        """The ``limit`` most similar points of the scope, exactly: by falling similarity, then ``point_id``.

        Among the open points, or those open at the ledger position ``as_of``. ``allowed`` restricts the
        search to these record ids before anything is ranked, so a narrow restriction loses nothing.
        """


class VectorComparison(Protocol):
    """Compares a vector with points whose names are known: exact, and at the cost of those points alone."""

    async def similarities(
        self, scope: Scope, model: str, vector: Vector, points: Collection[UUID]
    ) -> dict[UUID, float]:
        """The similarity of each of the points that the scope has, open or not, as ``nearest`` would give it.

        Raises DependencyError when the store is away.
        """


class VectorReading(Protocol):
    """Gives vectors back, so that records can be compared with each other."""

    async def vectors(self, scope: Scope, model: str, points: Collection[UUID]) -> dict[UUID, Vector]:
        """The stored vector of each of the points that the scope has, open or not.

        Raises DependencyError when the store is away.
        """


class VectorErasure(Protocol):
    """Removes everything that a user had, whatever the model."""

    async def erase(self, scope: Scope, up_to: int) -> int:
        """Points from positions up to this one: how many there were. Raises DependencyError when the store is away."""


class VectorRegistry(Protocol):
    """Knows the dimension of every model, so that vectors of two dimensions never meet under one name."""

    async def register(self, model: str, dimension: int) -> None:
        """Makes a place for a model's vectors (writers, at start); raises DimensionMismatchError."""

    async def check(self, model: str, dimension: int) -> None:
        """Refuses a dimension that the stored vectors do not have (readers); an unknown model passes."""

    async def drop(self, model: str) -> None:
        """Removes all vectors of a model and forgets its dimension (writers); nothing happens to an unknown one."""


class EmbeddingModel(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """What the vectors are filed under; models that do not share a space never share a name."""

    @property
    def dimension(self) -> int:
        """The length of every vector; known once the model is open."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in order, the same whatever its neighbours are.

        Raises DependencyError when the model is away, PermanentError when it refuses or answers nonsense.
        """


class OpenableModel(EmbeddingModel, Protocol):
    """A model that has something to read or to ask before its first text."""

    async def open(self) -> None:
        """Makes it ready, once; raises DependencyError while it is away. The first ``embed`` does it otherwise."""


def normalised(vectors: Vectors) -> Vectors:
    """The rows at unit length, zero rows as they are."""
    norms: Vectors = np.sqrt(np.sum(np.square(vectors), axis=1, keepdims=True, dtype=np.float32))
    norms[norms == 0] = 1
    return vectors / norms


def require_dimension(vector: Vector, dimension: int, model: str) -> None:
    """Raises DimensionMismatchError unless the vector has the model's dimension."""
    if vector.shape != (dimension,):
        raise DimensionMismatchError(f"a vector of {model} has shape {vector.shape}, expected ({dimension},)")
