"""The embedder's stage on a real database, with vectors in it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.domain.vectors import Scope
from mneme_common.testing.embeddings import HashedWords
from mneme_embedder.decide.targets import IndexableEvent
from mneme_embedder.embedding import Embedding
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.indexing import Indexing
from mneme_embedder.store.records import RecordRows
from tests.integration.embedder.rows import NOW

ADA = Scope("acme", "ada")


class World:
    """A stage, its database, and a model that needs no weights."""

    def __init__(self, pool: Database, model: HashedWords | None = None) -> None:
        self.pool = pool
        self.model = model or HashedWords()
        self.vectors = PgvectorStore(pool)
        self.indexing = Indexing(RecordRows(pool), self.vectors, Embedding(self.model))
        self.stage = IndexRecords(self.indexing, lambda: NOW)

    async def deliver(self, *events: IndexableEvent) -> Sequence[OutgoingRecord]:
        """Applies one batch."""
        return (await self.stage.apply(events)).outgoing

    async def found(self, text: str, *, scope: Scope = ADA, as_of: int | None = None) -> list[UUID]:
        """The records that a search finds, best first."""
        vector = self.model.vector(text)
        neighbours = await self.vectors.nearest(scope, self.model.name, vector, 1_000, as_of=as_of)
        return [neighbour.record_id for neighbour in neighbours]


async def world_on(pool: Database, model: HashedWords | None = None) -> World:
    """A stage whose model is registered."""
    world = World(pool, model)
    await world.vectors.register(world.model.name, world.model.dimension)
    return world
