"""An index that serves, a shadow beside it, and the desk of those who operate them, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mneme_common.adapters.postgres import Database
from mneme_common.domain.vector_indexes import ModelChoice
from mneme_common.domain.vectors import Scope
from mneme_common.testing.embeddings import HashedWords
from mneme_embedder.decide.targets import IndexableEvent
from mneme_embedder.embedding import Embedding
from mneme_embedder.every_index import EveryIndex
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.handlers.keep_shadows import KeepShadows
from mneme_embedder.indexing import Indexing
from mneme_embedder.store.records import RecordRows
from mneme_embedder.store.unindexed import UnindexedRows
from mneme_embedder.store.vector_indexes import VectorIndexRows
from mneme_gateway.control.reembedding import ReembeddingDesk
from tests.contract.vectors.points import Store
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import NOW, writer

OLD, NEW = ModelChoice("openai", "old"), ModelChoice("openai", "new")
ADA = Scope("acme", "ada")


class ShadowWorld:
    """One member of the embedder; ``models`` by the names of their indexes."""

    def __init__(self, pool: Database, store: Store, desk: ReembeddingDesk) -> None:
        self.pool, self.store, self.desk = pool, store, desk
        self.models = {OLD.name: HashedWords(16, OLD.name), NEW.name: HashedWords(32, NEW.name)}
        self.rows = VectorIndexRows(pool)
        self.every: EveryIndex
        self.shadows: KeepShadows
        self.stage: IndexRecords

    async def begin(self, choice: ModelChoice = OLD) -> None:
        """What a member does at its start; again for one that comes after another."""
        serving = await self._open(choice)
        await self.rows.claim(choice)
        self.every = EveryIndex(self.rows, self._open, serving)
        self.stage = IndexRecords(self.every, lambda: NOW)
        self.shadows = KeepShadows(
            indexes=self.rows,
            progress=self.rows,
            unfilled=UnindexedRows(self.pool),
            every=self.every,
            store=self.store,
            clock=lambda: datetime.now(UTC),
            grace=timedelta(0),
        )

    async def deliver(self, *events: IndexableEvent) -> None:
        """Applies one batch."""
        await self.stage.apply(events)

    async def look_until(self, state: str) -> None:
        """Works on the shadow until it is in this state."""
        for _ in range(6):
            if await self.state(NEW) == state:
                return
            await self.shadows.look()
        assert await self.state(NEW) == state

    async def state(self, choice: ModelChoice) -> str | None:
        """The state of an index."""
        return next((index.state.value for index in await self.rows.all() if index.name == choice.name), None)

    async def found(
        self, text: str, choice: ModelChoice, *, as_of: int | None = None, scope: Scope = ADA
    ) -> list[UUID]:
        """The records that a search of one index finds, best first."""
        vector = self.models[choice.name].vector(text)
        found = await self.store.nearest(scope, choice.name, vector, 1_000, as_of=as_of)
        return [neighbour.record_id for neighbour in found]

    async def _open(self, choice: ModelChoice) -> Indexing:
        model = self.models[choice.name]
        await self.store.register(model.name, model.dimension)
        return Indexing(RecordRows(self.pool), self.store, Embedding(model))


async def _usable(_choice: ModelChoice) -> None:
    """Searches can use every model."""


@asynccontextmanager
async def shadow_world(database: MnemeDatabase, pool: Database, store: Store) -> AsyncIterator[ShadowWorld]:
    """A world in which OLD serves."""
    reader = Database(database.reader_url, name="gateway", size=2)
    await reader.open()
    try:
        world = ShadowWorld(pool, store, ReembeddingDesk(reader, _usable))
        await world.begin()
        yield world
    finally:
        await reader.close()


__all__ = ["ADA", "NEW", "OLD", "ShadowWorld", "shadow_world", "writer"]
