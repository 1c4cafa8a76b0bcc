"""The stage on fakes: vectors follow the rows, whatever the order and number of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from mneme_common.contracts.codec import parse_json
from mneme_common.contracts.envelope import OutgoingRecord, from_headers
from mneme_common.contracts.topics import CHANGES
from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vectors import Point, RecordKind, Scope
from mneme_common.testing.embeddings import HashedWords
from mneme_common.testing.vectors import InMemoryVectorStore
from mneme_embedder.decide.targets import IndexableEvent, targets_of
from mneme_embedder.embedding import Embedding
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.indexing import Indexing
from tests.unit.embedder.fakes import NOW, RecordsInMemory, changed, memory_changed, recorded

ADA = Scope("acme", "ada")
A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


class World:
    """A stage with everything it needs, in memory."""

    def __init__(self) -> None:
        self.model = HashedWords()
        self.records = RecordsInMemory()
        self.vectors = InMemoryVectorStore()
        self.stage = IndexRecords(Indexing(self.records, self.vectors, Embedding(self.model)), lambda: NOW)

    def write(self, event: IndexableEvent, to_seq: int | None = None) -> IndexableEvent:
        """Writes the row of the version that the event announces."""
        target = targets_of([event])[-1]
        self.records.put(target, target.position, to_seq)
        return event

    async def deliver(self, *events: IndexableEvent) -> Sequence[OutgoingRecord]:
        """Applies one batch."""
        return (await self.stage.apply(events)).outgoing

    async def found(self, text: str, as_of: int | None = None) -> list[UUID]:
        """The records that a search finds, best first."""
        neighbours = await self.vectors.nearest(ADA, self.model.name, self.model.vector(text), 10, as_of=as_of)
        return [neighbour.record_id for neighbour in neighbours]


@pytest.fixture
async def world() -> World:
    """An empty world."""
    made = World()
    await made.vectors.register(made.model.name, made.model.dimension)
    return made


async def test_a_recorded_message_is_found_by_what_was_said(world: World) -> None:
    first, second = recorded(A, "cats are fine"), recorded(B, "the weather in Berlin", position=2)
    await world.deliver(world.write(first), world.write(second))
    assert (await world.found("weather Berlin"))[0] == B
    assert world.model.calls == [["cats are fine", "the weather in Berlin"]]


async def test_what_was_indexed_is_announced_to_its_user(world: World) -> None:
    message, memory = recorded(A, "hello", position=3), memory_changed(B, "a fact", position=4)
    (outgoing,) = await world.deliver(world.write(message), world.write(memory))
    attributes = from_headers(outgoing.headers)
    assert attributes is not None
    assert (outgoing.topic, outgoing.key, attributes.type) == (CHANGES, b"acme/ada", "memory.indexed")
    assert parse_json(outgoing.value) == {
        "model": world.model.name,
        "record_ids": [str(A), str(B)],
        "position": 4,
    }


async def test_delivering_a_batch_twice_changes_nothing(world: World) -> None:
    events = [world.write(recorded(A, "hello")), world.write(memory_changed(B, "a fact", position=2))]
    once = await world.deliver(*events)
    marks, found = dict(world.records.marks), await world.found("hello")
    twice = await world.deliver(*events)
    assert [r.value for r in twice] == [r.value for r in once]
    assert from_headers(twice[0].headers).id == from_headers(once[0].headers).id  # type: ignore[union-attr]  # both are events
    assert (world.records.marks, await world.found("hello")) == (marks, found)
    assert len(world.model.calls) == 1


async def test_a_deleted_message_is_found_as_of_then_only(world: World) -> None:
    await world.deliver(world.write(recorded(A, "hello")))
    world.write(recorded(A, "hello"), to_seq=5)
    assert await world.deliver(changed(A, "deleted", position=5)) == []
    assert await world.found("hello") == []
    assert await world.found("hello", as_of=4) == [A]


async def test_a_message_deleted_before_it_is_embedded_is_never_found(world: World) -> None:
    late = world.write(recorded(A, "hello"), to_seq=5)
    await world.deliver(changed(A, "deleted", position=5))
    assert await world.deliver(late) == []
    assert await world.found("hello") == []
    assert await world.found("hello", as_of=4) == [A]


async def test_a_new_revision_replaces_the_old_one(world: World) -> None:
    old, new = recorded(A, "tea", position=1), recorded(A, "coffee", revision=2, position=2)
    await world.deliver(world.write(old))
    world.write(old, to_seq=2)
    await world.deliver(changed(A, "updated", position=2), world.write(new))
    assert await world.found("coffee") == [A]
    assert await world.found("tea", as_of=1) == [A]


async def test_a_new_version_of_a_memory_closes_the_old_one(world: World) -> None:
    old = memory_changed(A, "Ada lives in Berlin", position=1)
    await world.deliver(world.write(old))
    world.write(old, to_seq=2)
    new = memory_changed(B, "Ada lives in Paris", closed_id=A, position=2)
    await world.deliver(world.write(new))
    assert await world.found("Ada lives in") == [B]
    assert await world.found("Ada lives in", as_of=1) == [A]


async def test_an_erased_record_is_neither_embedded_nor_kept(world: World) -> None:
    event = world.write(recorded(A, "hello"))
    await world.deliver(event)
    world.records.erase(targets_of([event])[0])
    assert await world.deliver(event) == []
    assert await world.found("hello", as_of=1) == []
    assert world.records.marks == {}


async def test_a_record_erased_while_it_is_embedded_is_removed_again(world: World) -> None:
    event = world.write(recorded(A, "hello"))

    class ErasesMeanwhile(InMemoryVectorStore):
        async def upsert(self, points: Sequence[Point]) -> None:
            world.records.erase(targets_of([event])[0])
            await super().upsert(points)

    world.vectors = ErasesMeanwhile()
    await world.vectors.register(world.model.name, world.model.dimension)
    world.stage = IndexRecords(Indexing(world.records, world.vectors, Embedding(world.model)), lambda: NOW)
    assert await world.deliver(event) == []
    assert await world.found("hello", as_of=1) == []
    assert world.records.marks == {}


async def test_equal_texts_of_a_batch_are_embedded_once(world: World) -> None:
    await world.deliver(*(world.write(recorded(UUID(int=n), "yes", position=n)) for n in range(1, 6)))
    assert world.model.calls == [["yes"]]
    assert len(await world.found("yes")) == 5


async def test_nothing_is_written_while_the_model_is_away(world: World) -> None:
    event = world.write(recorded(A, "hello"))
    world.model.away = True
    with pytest.raises(DependencyError):
        await world.deliver(event)
    world.model.away = False
    await world.deliver(event)
    assert await world.found("hello") == [A]


async def test_nothing_is_marked_while_the_vector_store_is_away(world: World) -> None:
    event = world.write(recorded(A, "hello"))
    world.vectors.away = True
    with pytest.raises(DependencyError):
        await world.deliver(event)
    assert world.records.marks == {}


async def test_kinds_of_records_are_told_apart_in_the_store(world: World) -> None:
    await world.deliver(world.write(recorded(A, "hello")), world.write(memory_changed(B, "hello", position=2)))
    vector = world.model.vector("hello")
    memories = await world.vectors.nearest(ADA, world.model.name, vector, 10, kinds={RecordKind.MEMORY})
    assert [neighbour.record_id for neighbour in memories] == [B]


async def test_a_batch_without_anything_to_do_is_no_error(world: World) -> None:
    assert await world.deliver() == []
    await world.stage.mark_emitted([])


def test_the_stage_bears_the_name_of_its_service(world: World) -> None:
    assert world.stage.name == "embedder"
