"""Searches follow the row that says which index serves: each is of one model from its beginning to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from mneme_common.adapters.vector_index_rows import read_vector_indexes
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.records import Message
from mneme_common.domain.vector_indexes import ModelChoice
from mneme_common.domain.vectors import OpenableModel, Point, PointKey, RecordKind
from mneme_common.testing.embeddings import HashedWords
from mneme_common.testing.vectors import InMemoryVectorStore
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking_baselines import DENSE
from mneme_gateway.errors import ApiError
from mneme_gateway.search.feedback import Feedback
from mneme_gateway.search.metrics import SearchMetrics
from mneme_gateway.search.query import Query
from mneme_gateway.search.records import RecordRows
from mneme_gateway.search.service import Search, SearchedIndex, index_over
from mneme_gateway.search.serving import ServingIndexes
from tests.integration.embedder.rows import message, write
from tests.integration.gateway_search.conftest import Store

ADA = Scope("acme", "ada")
OLD, NEW = ModelChoice("openai", "old"), ModelChoice("openai", "new")
A, B = UUID(int=1), UUID(int=2)


class Opened(HashedWords):
    """Vectors of the same dimension by either name, and in another space: words stand for other words."""

    async def open(self) -> None:
        """Nothing to read."""


class World:
    """A gateway's search over two models, and the rows that say which of them serves."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.vectors = InMemoryVectorStore()
        self.unknown: set[str] = set()
        self.feedback = Feedback(store.reader)
        served = self._index_of(Opened(name=OLD.name))
        metrics = SearchMetrics(CollectorRegistry())
        self.search = Search(served, RecordRows(store.reader), metrics, str, self.feedback)
        read = partial(read_vector_indexes, store.reader)
        self.serving = ServingIndexes(self.search, read, self._open, self._index_of, served)

    async def index(self, choice: ModelChoice, vectors: dict[UUID, str]) -> None:
        """Stores the vectors of texts, whatever the messages say."""
        model = Opened(name=choice.name)
        await self.vectors.register(model.name, model.dimension)
        for message_id, text in vectors.items():
            key = PointKey("acme", "ada", choice.name, message_id)
            point = Point(
                key=key,
                record_id=message_id,
                kind=RecordKind.MESSAGE,
                content_hash="",
                embedding=model.vector(text),
                from_seq=1,
            )
            await self.vectors.upsert([point])

    async def row(self, choice: ModelChoice, state: str) -> None:
        """Puts an index into a state."""
        async with self.store.writer.transaction() as connection:
            await connection.execute(
                "INSERT INTO vector_indexes (model, embedder, embedding_model, state) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (model) DO UPDATE SET state = excluded.state",
                (choice.name, choice.embedder, choice.model, state),
            )

    async def first(self, *, in_shadow: bool = False) -> tuple[UUID, str]:
        """The first hit by meaning, and the model that it was found with."""
        query = Query(text="tea", top_k=2, pool=50, profile=DENSE, in_shadow=in_shadow)
        answer = await self.search.find(ADA, query)
        return answer.hits[0].row["message_id"], answer.model

    def _index_of(self, model: OpenableModel) -> SearchedIndex:
        return index_over(
            self.store.reader, self.vectors, model, self.feedback, memory_bytes=1 << 26, clock=lambda: datetime.now(UTC)
        )

    @asynccontextmanager
    async def _open(self, choice: ModelChoice) -> AsyncIterator[OpenableModel]:
        if choice.name in self.unknown:
            raise PermanentError("no_credentials", "set OPENAI_API_KEY")
        yield Opened(name=choice.name)


@pytest.fixture
async def world(store: Store) -> World:
    """Two messages; the old index finds the first by ``tea``, the new one the second."""
    made = World(store)
    records: list[Message] = [message(A, "one"), message(B, "two")]
    await write(store.writer, *records)
    async with store.writer.transaction(["acme"]) as connection:
        await connection.execute("UPDATE heads SET head_seq = 1")
    await made.index(OLD, {A: "tea", B: "coffee"})
    await made.index(NEW, {A: "coffee", B: "tea"})
    await made.row(OLD, "serving")
    return made


async def test_a_flip_takes_effect_between_two_searches(world: World) -> None:
    assert await world.first() == (A, OLD.name)
    await world.row(OLD, "retired")
    await world.row(NEW, "serving")
    assert await world.first() == (A, OLD.name), "until the row is read"
    await world.serving.follow()
    assert await world.first() == (B, NEW.name)


async def test_the_shadow_is_searched_by_those_who_ask_for_it(world: World) -> None:
    await world.row(NEW, "filling")
    await world.serving.follow()
    assert await world.first(in_shadow=True) == (B, NEW.name)
    assert await world.first() == (A, OLD.name)


async def test_without_a_shadow_there_is_none_to_search(world: World) -> None:
    await world.serving.follow()
    with pytest.raises(ApiError, match="No index is being filled"):
        await world.first(in_shadow=True)


async def test_a_model_that_cannot_be_opened_leaves_searches_as_they_are(world: World) -> None:
    world.unknown.add(NEW.name)
    await world.row(OLD, "retired")
    await world.row(NEW, "serving")
    with pytest.raises(PermanentError):
        await world.serving.follow()
    assert await world.first() == (A, OLD.name)
    assert await world.serving.usable(NEW) == "no_credentials: set OPENAI_API_KEY"
    assert await world.serving.usable(OLD) is None
