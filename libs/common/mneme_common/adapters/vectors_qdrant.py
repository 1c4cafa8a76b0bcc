"""Vectors in Qdrant: one collection for each model and dimension, searched exactly within a user."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from qdrant_client import AsyncQdrantClient, models

from mneme_common.adapters.vectors_qdrant_wire import (
    INDEXED_FIELDS,
    VECTOR_NAME,
    amendments,
    ask,
    collection_prefix,
    end_operations,
    owned_by,
    placeholder_of,
    qdrant_id,
    removals,
    search_conditions,
    stored_vectors,
    struct_of,
)
from mneme_common.domain.vector_batches import by_model, net_closings, net_points
from mneme_common.domain.vectors import (
    Closing,
    DimensionMismatchError,
    Neighbour,
    Point,
    PointKey,
    RecordKind,
    Scope,
    UnsuitableServerError,
    Vector,
    require_dimension,
)

_OLDEST_SERVER = (1, 17)  # the first that inserts a point without overwriting one that is there
_NUMBERS_IN_A_REQUEST = 400_000  # as JSON about 8 MB; servers accept 32 MB
_STRONG = models.WriteOrdering.STRONG


class QdrantStore:
    """A VectorStore, VectorComparison, VectorReading and VectorRegistry over a server.

    Or over the client's own local mode, for tests.

    A write inserts what is not there and then amends what was: a point is never overwritten as a whole, because
    that would forget a ``to_seq`` that somebody else has just set.
    """

    def __init__(self, client: AsyncQdrantClient, *, local: bool = False, prefix: str = "mneme") -> None:
        self._client = client
        self._local = local
        self._prefix = prefix
        self._dimensions: dict[str, int] = {}

    @classmethod
    def connect(cls, url: str, api_key: str | None = None, *, timeout: int = 10) -> QdrantStore:
        """A store on a server; nothing is asked of it yet."""
        return cls(AsyncQdrantClient(url=url, api_key=api_key, timeout=timeout, check_compatibility=False))

    async def disconnect(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def register(self, model: str, dimension: int) -> None:
        """See VectorRegistry; raises UnsuitableServerError when the server is too old."""
        await self._require_recent_server()
        await self.check(model, dimension)
        collection = self._collection(model, dimension)
        if not await ask(self._client.collection_exists(collection)):
            await self._create(collection, dimension)
        if not self._local:  # which has no indexes, and warns
            for field, schema in INDEXED_FIELDS.items():
                await ask(self._client.create_payload_index(collection, field, schema, wait=True))
        self._dimensions[model] = dimension

    async def check(self, model: str, dimension: int) -> None:
        """See VectorRegistry."""
        found = await self._look_up(model)
        if found not in (None, dimension):
            raise DimensionMismatchError(
                f"{model} has vectors of dimension {found} in Qdrant, and makes {dimension} now: "
                "give the new one a name of its own, or set the dimension back"
            )

    async def drop(self, model: str) -> None:
        """See VectorRegistry. Its collections go as a whole."""
        for collection in await self._collections(model):
            await ask(self._client.delete_collection(collection))
        self._dimensions.pop(model, None)

    async def upsert(self, points: Sequence[Point]) -> None:
        """See VectorStore."""
        for point in points:
            require_dimension(point.embedding, self._known_dimension(point.key.model), point.key.model)
        for model, chunk in by_model(net_points(points), self._at_once):
            collection = self._collection(model, self._dimensions[model])
            await self._insert(collection, [struct_of(point) for point in chunk])
            ids = [qdrant_id(point.key) for point in chunk]
            records = await ask(
                self._client.retrieve(
                    collection,
                    ids,
                    with_payload=["content_hash", "from_seq", "to_seq"],
                    consistency=models.ReadConsistencyType.MAJORITY,
                )
            )
            stored = {str(record.id): record.payload or {} for record in records}
            await self._change(collection, list(amendments(chunk, stored)))

    async def close(self, closings: Sequence[Closing]) -> None:
        """See VectorStore."""
        for model, chunk in by_model(net_closings(closings), self._at_once):
            collection = self._collection(model, self._known_dimension(model))
            await self._insert(collection, [placeholder_of(closing) for closing in chunk])
            ends = ((closing.key, closing.to_seq) for closing in chunk)
            await self._change(collection, list(end_operations(ends)))

    async def remove(self, keys: Sequence[PointKey]) -> None:
        """See VectorStore."""
        for model, of_model in by_model(keys):
            dimension = await self._find_dimension(model)
            if dimension is not None:
                await self._change(self._collection(model, dimension), list(removals(of_model)))

    async def erase(self, scope: Scope, up_to: int) -> int:
        """See VectorErasure."""
        condition = owned_by(scope, models.FieldCondition(key="from_seq", range=models.Range(lte=up_to)))
        found = 0
        answer = await ask(self._client.get_collections())
        for collection in (each.name for each in answer.collections if each.name.startswith(f"{self._prefix}_")):
            found += (await ask(self._client.count(collection, count_filter=condition, exact=True))).count
            selector = models.FilterSelector(filter=condition)
            await ask(self._client.delete(collection, selector, wait=True, ordering=_STRONG))
        return found

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
        dimension = await self._find_dimension(model)
        if dimension is None:
            return []
        require_dimension(vector, dimension, model)
        if (kinds is not None and not kinds) or (allowed is not None and not allowed):
            return []
        condition = owned_by(scope, *search_conditions(as_of, kinds, allowed))
        hits = await self._closest(self._collection(model, dimension), vector, condition, limit)
        found = [_neighbour(hit) for hit in hits]
        return sorted(found, key=lambda neighbour: (-neighbour.similarity, neighbour.point_id))[:limit]

    async def similarities(
        self, scope: Scope, model: str, vector: Vector, points: Collection[UUID]
    ) -> dict[UUID, float]:
        """See VectorComparison."""
        dimension = await self._find_dimension(model)
        if dimension is None or not points:
            return {}
        require_dimension(vector, dimension, model)
        keys = [PointKey(scope.tenant_id, scope.user_id, model, point_id) for point_id in points]
        condition = owned_by(scope, models.HasIdCondition(has_id=[qdrant_id(key) for key in keys]))
        hits = await self._closest(self._collection(model, dimension), vector, condition, len(keys))
        return {found.point_id: found.similarity for found in map(_neighbour, hits)}

    async def vectors(self, scope: Scope, model: str, points: Collection[UUID]) -> dict[UUID, Vector]:
        """See VectorReading."""
        dimension = await self._find_dimension(model)
        if dimension is None or not points:
            return {}
        keys = [PointKey(scope.tenant_id, scope.user_id, model, point_id) for point_id in points]
        records, _ = await ask(
            self._client.scroll(
                self._collection(model, dimension),
                scroll_filter=owned_by(scope, models.HasIdCondition(has_id=[qdrant_id(key) for key in keys])),
                limit=len(keys),
                with_payload=["point_id"],
                with_vectors=[VECTOR_NAME],
            )
        )
        return dict(stored_vectors(records))

    async def _closest(
        self, collection: str, vector: Vector, condition: models.Filter, limit: int
    ) -> list[models.ScoredPoint]:
        """At least the ``limit`` best hits, and all that are as good as the last of them."""
        asked = limit + 1
        while True:
            answer = await ask(
                self._client.query_points(
                    collection,
                    query=vector.tolist(),
                    using=VECTOR_NAME,
                    query_filter=condition,
                    limit=asked,
                    search_params=None if self._local else models.SearchParams(exact=True),
                    with_payload=["point_id", "record_id", "kind"],
                )
            )
            hits = answer.points
            if len(hits) < asked or hits[-1].score < hits[limit - 1].score:
                return hits
            asked *= 2

    async def _create(self, collection: str, dimension: int) -> None:
        """Without a graph: within a user the search is exact, and building one would only slow the writes."""
        size = models.VectorParams(size=dimension, distance=models.Distance.DOT)
        await ask(
            self._client.create_collection(
                collection, vectors_config={VECTOR_NAME: size}, hnsw_config=models.HnswConfigDiff(m=0)
            )
        )

    async def _insert(self, collection: str, structs: list[models.PointStruct]) -> None:
        insert_only = models.UpdateMode.INSERT_ONLY
        await ask(self._client.upsert(collection, structs, wait=True, ordering=_STRONG, update_mode=insert_only))

    async def _change(self, collection: str, operations: list[models.UpdateOperation]) -> None:
        if operations:
            await ask(self._client.batch_update_points(collection, operations, wait=True, ordering=_STRONG))

    async def _find_dimension(self, model: str) -> int | None:
        """The dimension of the model's collection, None when it has none; asked until it is known."""
        return self._dimensions.get(model) or await self._look_up(model)

    async def _look_up(self, model: str) -> int | None:
        """What the server says; raises DimensionMismatchError on two collections, made in a race."""
        names = await self._collections(model)
        if len(names) > 1:
            raise DimensionMismatchError(f"{model} has several collections in Qdrant: {', '.join(sorted(names))}")
        if not names:
            return None
        self._dimensions[model] = int(names[0].rpartition("_")[2])
        return self._dimensions[model]

    async def _collections(self, model: str) -> list[str]:
        prefix = collection_prefix(self._prefix, model)
        answer = await ask(self._client.get_collections())
        return [found.name for found in answer.collections if found.name.startswith(prefix)]

    async def _require_recent_server(self) -> None:
        if self._local:
            return
        version = (await ask(self._client.info())).version
        major, minor = version.split(".")[:2]
        if (int(major), int(minor)) < _OLDEST_SERVER:
            raise UnsuitableServerError(f"Qdrant {version} is too old; Mneme needs 1.17 or newer")

    def _known_dimension(self, model: str) -> int:
        if model not in self._dimensions:
            raise DimensionMismatchError(f"{model} has not been registered")
        return self._dimensions[model]

    def _collection(self, model: str, dimension: int) -> str:
        return f"{collection_prefix(self._prefix, model)}{dimension}"

    def _at_once(self, model: str) -> int:
        """How many vectors of the model a request may hold for servers to accept it."""
        return _NUMBERS_IN_A_REQUEST // self._known_dimension(model)


def _neighbour(hit: models.ScoredPoint) -> Neighbour:
    payload = hit.payload or {}
    return Neighbour(UUID(payload["point_id"]), UUID(payload["record_id"]), RecordKind(payload["kind"]), hit.score)
