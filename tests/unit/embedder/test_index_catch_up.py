"""Catching up: pages of what the index lacks, beside the log, until nothing is lacking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vectors import Scope, Vectors
from mneme_common.testing.embeddings import HashedWords
from mneme_common.testing.vectors import InMemoryVectorStore
from mneme_common.testing.waiting import eventually
from mneme_embedder.decide.targets import Target, message_target
from mneme_embedder.embedding import Embedding
from mneme_embedder.handlers.catch_up import CatchUp
from mneme_embedder.indexing import Indexing
from tests.unit.embedder.fakes import RecordsInMemory


@dataclass
class Lacking:
    """The port Unindexed over a list of pages; ``away`` makes the next look fail."""

    lacking: list[list[Target]]
    away: int = 0
    looks: list[str] = field(default_factory=list)

    async def pages(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """See Unindexed."""
        self.looks.append(model)
        if self.away:
            self.away -= 1
            raise DependencyError("the database is away")
        for page in self.lacking:
            yield page


class Choosy(HashedWords):
    """A model that refuses one word."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        if any("refused" in text for text in texts):
            raise PermanentError("embedding_refused", "no")
        return await super().embed(texts)


class Broken(HashedWords):
    """A model with a fault."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        raise ZeroDivisionError(len(texts))


def target(number: int, text: str) -> Target:
    """Message ``number``."""
    return message_target("acme", "ada", UUID(int=number), 1, text=text, position=number)


@pytest.fixture
async def indexing() -> Indexing:
    """An empty index."""
    model, vectors = Choosy(), InMemoryVectorStore()
    await vectors.register(model.name, model.dimension)
    return Indexing(RecordsInMemory(), vectors, Embedding(model))


async def numbers_found(indexing: Indexing) -> list[int]:
    """The messages that have vectors."""
    vector = HashedWords().vector("word")
    found = await indexing.vectors.nearest(Scope("acme", "ada"), indexing.model, vector, 100)
    return sorted(neighbour.record_id.int for neighbour in found)


def put(indexing: Indexing, *targets: Target) -> None:
    """Writes the rows."""
    records = indexing.records
    assert isinstance(records, RecordsInMemory)
    for item in targets:
        records.put(item, item.position)


async def test_a_pass_indexes_what_is_lacking(indexing: Indexing) -> None:
    first, second = [target(1, "one"), target(2, "two")], [target(3, "three")]
    put(indexing, *first, *second)
    lacking = Lacking([first, second])
    assert await CatchUp(lacking, indexing).pass_once() == 3
    assert await numbers_found(indexing) == [1, 2, 3]
    assert lacking.looks == [indexing.model]


async def test_catching_up_twice_changes_nothing(indexing: Indexing) -> None:
    page = [target(1, "one"), target(2, "two")]
    put(indexing, *page)
    catch_up = CatchUp(Lacking([page]), indexing)
    await catch_up.pass_once()
    await catch_up.pass_once()
    assert await numbers_found(indexing) == [1, 2]
    model = indexing.embedding.model
    assert isinstance(model, HashedWords)
    assert len(model.calls) == 1


async def test_a_text_that_is_refused_is_left_out_alone(indexing: Indexing) -> None:
    page = [target(1, "one"), target(2, "refused"), target(3, "three")]
    put(indexing, *page)
    await CatchUp(Lacking([page]), indexing).pass_once()
    assert await numbers_found(indexing) == [1, 3]


async def test_a_pass_that_fails_is_left_to_the_next(indexing: Indexing, expects_errors: list[str]) -> None:
    page = [target(1, "one")]
    put(indexing, *page)
    lacking = Lacking([page])
    catch_up = CatchUp(lacking, replace(indexing, embedding=Embedding(Broken())))
    running = asyncio.create_task(catch_up.run())
    catch_up.wake()
    await eventually(lambda: len(lacking.looks) == 1, message="the first pass")
    catch_up.wake()
    await eventually(lambda: len(lacking.looks) == 2, message="a second pass")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert any("catching up failed" in error for error in expects_errors)


async def test_a_pass_is_repeated_until_its_dependency_is_back(indexing: Indexing) -> None:
    page = [target(1, "one")]
    put(indexing, *page)
    lacking = Lacking([page], away=1)
    catch_up = CatchUp(lacking, indexing)
    running = asyncio.create_task(catch_up.run())
    assert lacking.looks == []
    catch_up.wake()
    await eventually(lambda: len(lacking.looks) == 2, message="the pass was repeated")
    await eventually(lambda: numbers_found(indexing), message="the message is indexed")
    catch_up.wake()
    await eventually(lambda: len(lacking.looks) == 3, message="waking it begins another pass")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
