"""The stage on PostgreSQL: what the rows say wins, whatever is delivered, in whichever order, however often."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import Scope
from mneme_embedder.store.unindexed import UnindexedRows
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import delete_words, end, erase, indexed, memory, message, write, writer
from tests.integration.embedder.world import World, world_on
from tests.unit.embedder.fakes import changed, memory_changed, recorded

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
async def world(database: MnemeDatabase) -> AsyncIterator[World]:
    """A stage on an empty database."""
    async with writer(database) as pool:
        yield await world_on(pool)


async def test_messages_and_memories_are_found_by_their_texts(world: World) -> None:
    await write(world.pool, message(A, "cats are fine"), memory(B, "Ada lives in Berlin", from_seq=2))
    (outgoing,) = await world.deliver(
        recorded(A, "cats are fine"), memory_changed(B, "Ada lives in Berlin", position=2)
    )
    assert outgoing.key == b"acme/ada"
    assert await world.found("Berlin") == [B, A]
    assert await indexed(world.pool) == {A: None, B: None}


async def test_delivering_twice_changes_nothing_in_the_database(world: World) -> None:
    await write(world.pool, message(A, "hello"), message(B, "bye", from_seq=2, to_seq=3))
    events = [recorded(A, "hello"), recorded(B, "bye", position=2), changed(B, "deleted", position=3)]
    await world.deliver(*events)
    before = await _rows(world)
    await world.deliver(*events)
    for event in events:
        await world.deliver(event)
    assert await _rows(world) == before
    assert len(world.model.calls) == 1


async def test_a_version_that_ended_before_it_was_embedded_is_never_open(world: World) -> None:
    await write(world.pool, message(A, "hello", to_seq=5))
    assert await world.deliver(recorded(A, "hello")) == []
    assert await world.found("hello") == []
    assert await world.found("hello", as_of=4) == [A]
    assert await indexed(world.pool) == {A: 5}


async def test_a_message_that_is_deleted_later_leaves_the_search(world: World) -> None:
    original = message(A, "hello")
    await write(world.pool, original)
    await world.deliver(recorded(A, "hello"))
    await end(world.pool, original, 4)
    await world.deliver(changed(A, "deleted", position=4))
    assert await world.found("hello") == []
    assert await world.found("hello", as_of=3) == [A]
    assert await indexed(world.pool) == {A: 4}


async def test_an_erased_record_leaves_no_trace(world: World) -> None:
    original = message(A, "hello")
    await write(world.pool, original, memory(B, "fact"))
    await world.deliver(recorded(A, "hello"), memory_changed(B, "fact"))
    await erase(world.pool, original)
    assert await world.deliver(recorded(A, "hello")) == []
    assert await world.found("hello", as_of=1) == [B]
    assert await indexed(world.pool) == {B: None}


async def test_no_revision_of_a_message_whose_words_were_deleted_stays_in_an_index(world: World) -> None:
    revisions = message(A, "one", to_seq=2), message(A, "two", revision=2, from_seq=2)
    await write(world.pool, *revisions)
    await world.deliver(recorded(A, "one"), recorded(A, "two", revision=2, position=2))
    assert await world.found("one", as_of=1) == [A]
    await end(world.pool, revisions[1], 3)
    await delete_words(world.pool, A)
    await world.deliver(changed(A, "deleted", revision=2, position=3))
    assert [await world.found("one", as_of=position) for position in (1, 2, 3)] == [[], [], []]
    assert await indexed(world.pool) == {}
    assert await UnindexedRows(world.pool).count(world.model.name) == 0, "a shadow does not lack them either"


async def test_a_record_that_never_had_a_row_is_not_embedded(world: World) -> None:
    assert await world.deliver(recorded(A, "erased before it came here")) == []
    assert world.model.calls == []
    assert await indexed(world.pool) == {}


async def test_a_row_of_another_user_does_not_count(world: World) -> None:
    await write(world.pool, message(A, "hello", user_id="grace"))
    assert await world.deliver(recorded(A, "hello")) == []
    assert await world.found("hello", scope=Scope("acme", "grace")) == []


async def test_one_batch_of_many_tenants_stays_within_their_walls(world: World) -> None:
    tenants = [f"tenant-{number}" for number in range(5)]
    await write(world.pool, *(message(A, tenant, tenant_id=tenant) for tenant in tenants))
    outgoing = await world.deliver(*(recorded(A, tenant, tenant_id=tenant) for tenant in tenants))
    assert [record.key for record in outgoing] == [f"{tenant}/ada".encode() for tenant in tenants]
    for tenant in tenants:
        assert await world.found(tenant, scope=Scope(tenant, "ada")) == [A]
        assert await indexed(world.pool, tenant) == {A: None}


@pytest.mark.parametrize("seed", range(8))
async def test_every_order_of_delivery_ends_in_the_same_index(world: World, seed: int) -> None:
    await write(
        world.pool,
        message(A, "one", from_seq=1, to_seq=2),
        message(A, "two", revision=2, from_seq=2, to_seq=4),
        message(B, "three", from_seq=3),
        memory(C, "four", from_seq=5),
    )
    events = [
        recorded(A, "one", position=1),
        changed(A, "updated", position=2),
        recorded(A, "two", revision=2, position=2),
        recorded(B, "three", position=3),
        changed(A, "deleted", revision=2, position=4),
        memory_changed(C, "four", position=5),
    ]
    chosen = random.Random(seed)
    deliveries = events + chosen.choices(events, k=6)
    chosen.shuffle(deliveries)
    while deliveries:
        size = chosen.randint(1, 4)
        batch, deliveries = deliveries[:size], deliveries[size:]
        await world.deliver(*batch)
    assert await indexed(world.pool) == {A: 2, point_id(A, 2): 4, B: None, C: None}
    assert sorted(await world.found("four")) == [B, C]
    assert await world.found("one", as_of=1) == [A]
    assert sorted(await world.found("two", as_of=3)) == [A, B]


async def _rows(world: World) -> list[tuple[object, ...]]:
    """All rows of vectors and marks, with the transaction that wrote each."""
    async with world.pool.transaction(["acme"]) as connection:
        cursor = await connection.execute(
            "SELECT xmin::text, point_id::text, content_hash, to_seq FROM vectors"
            " UNION ALL SELECT xmin::text, point_id::text, content_hash, to_seq FROM indexed ORDER BY 1, 2"
        )
        return [tuple(row.values()) for row in await cursor.fetchall()]
