"""Vectors as plain rows of PostgreSQL (``halfvec``), searched exactly within a user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import numpy as np
import psycopg

from mneme_common.adapters.postgres import Connection, Database, read_whole_tables
from mneme_common.adapters.vectors_binary import Reals, slice_of, speak_reals
from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vector_batches import by_model, net_closings, net_points
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

_PROGRAM_LIMIT_EXCEEDED = "54"

_UPSERT = """
INSERT INTO vectors AS stored (tenant_id, user_id, model, point_id, record_id, kind, content_hash, embedding,
                               from_seq, to_seq)
SELECT p.tenant_id, p.user_id, %(model)s, p.point_id, p.record_id, p.kind, p.content_hash, {embedding},
       p.from_seq, p.to_seq
FROM (SELECT %(embeddings)s AS reals) AS e,
     unnest(%(tenants)b::text[], %(users)b::text[], %(points)b::uuid[], %(records)b::uuid[], %(kinds)b::text[],
            %(hashes)b::text[], %(from_seqs)b::bigint[], %(to_seqs)s::bigint[])
     WITH ORDINALITY AS p(tenant_id, user_id, point_id, record_id, kind, content_hash, from_seq, to_seq, number)
ON CONFLICT (tenant_id, user_id, model, point_id) DO UPDATE
SET record_id = excluded.record_id, kind = excluded.kind, content_hash = excluded.content_hash,
    embedding = excluded.embedding, from_seq = excluded.from_seq, to_seq = coalesce(stored.to_seq, excluded.to_seq)
WHERE stored.content_hash <> excluded.content_hash OR stored.from_seq <> excluded.from_seq
   OR (stored.to_seq IS NULL AND excluded.to_seq IS NOT NULL)
"""

_CLOSE = """
INSERT INTO vectors AS stored (tenant_id, user_id, model, point_id, record_id, kind, content_hash, from_seq, to_seq)
SELECT tenant_id, user_id, model, point_id, record_id, kind, '', to_seq, to_seq
FROM unnest(%(tenants)b::text[], %(users)b::text[], %(models)b::text[], %(points)b::uuid[], %(records)b::uuid[],
            %(kinds)b::text[], %(to_seqs)b::bigint[])
     AS c(tenant_id, user_id, model, point_id, record_id, kind, to_seq)
ON CONFLICT (tenant_id, user_id, model, point_id) DO UPDATE SET to_seq = excluded.to_seq
WHERE stored.to_seq IS NULL
"""

_REMOVE = """
DELETE FROM vectors AS stored
USING unnest(%(tenants)b::text[], %(users)b::text[], %(models)b::text[], %(points)b::uuid[])
      AS k(tenant_id, user_id, model, point_id)
WHERE stored.tenant_id = k.tenant_id AND stored.user_id = k.user_id AND stored.model = k.model
  AND stored.point_id = k.point_id
"""

# The vector stands in a subquery, which is run once: a kept plan would convert a parameter anew for every row.
_NEAREST = """
SELECT point_id, record_id, kind, -(embedding <#> (SELECT %(vector)s::halfvec)) AS similarity
FROM vectors
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND model = %(model)s AND {conditions}
ORDER BY similarity DESC NULLS LAST, point_id
LIMIT %(limit)s
"""
_SIMILARITIES = """
SELECT point_id, -(embedding <#> (SELECT %(vector)s::halfvec)) AS similarity
FROM vectors
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND model = %(model)s AND point_id = ANY (%(points)s::uuid[])
  AND embedding IS NOT NULL
"""
_VECTORS = """
SELECT point_id, embedding::real[] AS reals
FROM vectors
WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND model = %(model)s AND point_id = ANY (%(points)s::uuid[])
  AND embedding IS NOT NULL
"""
_OPEN = "to_seq IS NULL"
_OPEN_THEN = "from_seq <= %(as_of)s AND (to_seq IS NULL OR to_seq > %(as_of)s)"


class PgvectorStore:
    """A VectorStore, VectorComparison, VectorReading and VectorRegistry.

    Writing and ``register`` need the writer's role, searching the reader's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dimensions: dict[str, int] = {}

    async def register(self, model: str, dimension: int) -> None:
        """See VectorRegistry."""
        async with self._transaction(()) as connection:
            await connection.execute(
                "INSERT INTO embedding_models (model, dimension) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (model, dimension),
            )
        await self.check(model, dimension)

    async def check(self, model: str, dimension: int) -> None:
        """See VectorRegistry."""
        async with self._transaction(()) as connection:
            cursor = await connection.execute("SELECT dimension FROM embedding_models WHERE model = %s", (model,))
            row = await cursor.fetchone()
        if row is not None and row["dimension"] != dimension:
            raise DimensionMismatchError(
                f"{model} has vectors of dimension {row['dimension']} in the database, and makes {dimension} now: "
                "give the new one a name of its own, or set the dimension back"
            )
        self._dimensions[model] = dimension

    async def drop(self, model: str) -> None:
        """See VectorRegistry. One transaction for each tenant that has a ledger, however long it takes."""
        async with self._transaction((), operator=True) as connection:
            cursor = await connection.execute("SELECT DISTINCT tenant_id FROM heads")
            tenants = [row["tenant_id"] for row in await cursor.fetchall()]
        for tenant_id in tenants:
            async with self._transaction((tenant_id,)) as connection:
                await read_whole_tables(connection)
                await connection.execute("DELETE FROM vectors WHERE tenant_id = %s AND model = %s", (tenant_id, model))
        async with self._transaction(()) as connection:
            await connection.execute("DELETE FROM embedding_models WHERE model = %s", (model,))
        self._dimensions.pop(model, None)

    async def upsert(self, points: Sequence[Point]) -> None:
        """See VectorStore. One statement a model."""
        for model, of_model in by_model(net_points(points)):
            await self._upsert(model, of_model)

    async def close(self, closings: Sequence[Closing]) -> None:
        """See VectorStore."""
        if not closings:
            return
        net = net_closings(closings)
        values = _key_columns([closing.key for closing in net]) | {
            "models": [closing.key.model for closing in net],
            "records": [closing.record_id for closing in net],
            "kinds": [closing.kind.value for closing in net],
            "to_seqs": [closing.to_seq for closing in net],
        }
        async with self._transaction(_tenants(closing.key for closing in net)) as connection:
            await connection.execute(_CLOSE, values)

    async def remove(self, keys: Sequence[PointKey]) -> None:
        """See VectorStore."""
        if not keys:
            return
        async with self._transaction(_tenants(keys)) as connection:
            await connection.execute(_REMOVE, _key_columns(keys) | {"models": [key.model for key in keys]})

    async def erase(self, scope: Scope, up_to: int) -> int:
        """See VectorErasure."""
        async with self._transaction((scope.tenant_id,)) as connection:
            cursor = await connection.execute(
                "DELETE FROM vectors WHERE tenant_id = %s AND user_id = %s AND from_seq <= %s",
                (scope.tenant_id, scope.user_id, up_to),
            )
            return cursor.rowcount

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
        require_dimension(vector, self._dimensions.get(model, vector.size), model)
        conditions = [_OPEN if as_of is None else _OPEN_THEN]
        if kinds is not None:
            conditions.append("kind = ANY (%(kinds)b::text[])")
        if allowed is not None:
            conditions.append("record_id = ANY (%(allowed)s::uuid[])")
        values = {
            "tenant": scope.tenant_id,
            "user": scope.user_id,
            "model": model,
            "vector": Reals(vector),
            "limit": limit,
            "as_of": as_of,
            "kinds": [kind.value for kind in kinds or ()],
            "allowed": list(allowed or ()),
        }
        async with self._transaction((scope.tenant_id,)) as connection:
            cursor = speak_reals(connection.cursor())
            await cursor.execute(_NEAREST.format(conditions=" AND ".join(conditions)), values)
            rows = await cursor.fetchall()
        return [Neighbour(r["point_id"], r["record_id"], RecordKind(r["kind"]), r["similarity"]) for r in rows]

    async def similarities(
        self, scope: Scope, model: str, vector: Vector, points: Collection[UUID]
    ) -> dict[UUID, float]:
        """See VectorComparison."""
        require_dimension(vector, self._dimensions.get(model, vector.size), model)
        values = {
            "tenant": scope.tenant_id,
            "user": scope.user_id,
            "model": model,
            "vector": Reals(vector),
            "points": list(points),
        }
        async with self._transaction((scope.tenant_id,)) as connection:
            cursor = speak_reals(connection.cursor())
            await cursor.execute(_SIMILARITIES, values)
            return {row["point_id"]: row["similarity"] for row in await cursor.fetchall()}

    async def vectors(self, scope: Scope, model: str, points: Collection[UUID]) -> dict[UUID, Vector]:
        """See VectorReading."""
        values = {"tenant": scope.tenant_id, "user": scope.user_id, "model": model, "points": list(points)}
        async with self._transaction((scope.tenant_id,)) as connection:
            cursor = speak_reals(connection.cursor(binary=True))
            await cursor.execute(_VECTORS, values)
            return {row["point_id"]: row["reals"] for row in await cursor.fetchall()}

    async def _upsert(self, model: str, points: Sequence[Point]) -> None:
        if model not in self._dimensions:
            raise DimensionMismatchError(f"{model} has not been registered")
        dimension = self._dimensions[model]
        for point in points:
            require_dimension(point.embedding, dimension, model)
        values = _key_columns([point.key for point in points]) | {
            "model": model,
            "records": [point.record_id for point in points],
            "kinds": [point.kind.value for point in points],
            "hashes": [point.content_hash for point in points],
            "from_seqs": [point.from_seq for point in points],
            "to_seqs": [point.to_seq for point in points],
            "embeddings": Reals(np.stack([point.embedding for point in points])),
        }
        statement = _UPSERT.format(embedding=slice_of("e.reals", "p.number", dimension))
        async with self._transaction(_tenants(point.key for point in points)) as connection:
            await speak_reals(connection.cursor()).execute(statement, values)

    @asynccontextmanager
    async def _transaction(self, tenants: Sequence[str], *, operator: bool = False) -> AsyncIterator[Connection]:
        try:
            async with self._database.transaction(tenants, operator=operator) as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if (error.sqlstate or "").startswith(_PROGRAM_LIMIT_EXCEEDED):
                raise
            raise DependencyError(f"the vectors in PostgreSQL cannot be reached: {error}") from error


def _key_columns(keys: Sequence[PointKey]) -> dict[str, object]:
    return {
        "tenants": [key.tenant_id for key in keys],
        "users": [key.user_id for key in keys],
        "points": [key.point_id for key in keys],
    }


def _tenants(keys: Iterable[PointKey]) -> list[str]:
    return sorted({key.tenant_id for key in keys})
