"""Catching up from PostgreSQL: a new model, a lost log, a lost index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import pytest

from mneme_common.domain.identifiers import point_id
from mneme_common.testing.embeddings import HashedWords
from mneme_embedder.handlers.catch_up import CatchUp
from mneme_embedder.store.unindexed import UnindexedRows
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import end, indexed, memory, message, write, writer
from tests.integration.embedder.world import World, world_on
from tests.unit.embedder.fakes import recorded

A, B, C, D = (UUID(int=number) for number in range(1, 5))


@pytest.fixture
async def world(database: MnemeDatabase) -> AsyncIterator[World]:
    """A stage on an empty database."""
    async with writer(database) as pool:
        yield await world_on(pool)


def catch_up(world: World) -> CatchUp:
    """The catching up of this world."""
    return CatchUp(UnindexedRows(world.pool), world.indexing)


async def test_open_records_without_vectors_are_indexed(world: World) -> None:
    await write(
        world.pool,
        message(A, "hello", name="Ada", to_seq=2),
        message(A, "good morning", name="Ada", revision=2, from_seq=2),
        message(B, "archived", from_seq=3, archived=True),
        memory(C, "a fact", from_seq=4),
        memory(D, "an end", from_seq=5, tombstone=True),
    )
    assert await catch_up(world).pass_once() == 2
    assert await indexed(world.pool) == {point_id(A, 2): None, C: None}
    assert await world.found("Ada: good") == [A, C]
    assert sorted(world.model.calls[0]) == ["Ada: good morning", "a fact"]


async def test_ends_that_were_never_announced_are_made_up_for(world: World) -> None:
    first, second = message(A, "hello"), message(B, "bye", revision=3, from_seq=2)
    await write(world.pool, first, second)
    await world.deliver(recorded(A, "hello"), recorded(B, "bye", revision=3, position=2))
    await end(world.pool, first, 5)
    await end(world.pool, second, 6)
    assert await catch_up(world).pass_once() == 2
    assert await world.found("hello") == []
    assert await indexed(world.pool) == {A: 5, point_id(B, 3): 6}


async def test_a_second_pass_finds_nothing_to_do(world: World) -> None:
    await write(world.pool, message(A, "hello"), memory(C, "a fact", from_seq=2))
    await catch_up(world).pass_once()
    assert await catch_up(world).pass_once() == 0
    assert len(world.model.calls) == 1


async def test_a_new_model_gets_vectors_of_its_own(world: World) -> None:
    await write(world.pool, message(A, "hello"), message(B, "bye", from_seq=2))
    await world.deliver(recorded(A, "hello"), recorded(B, "bye", position=2))
    other = await world_on(world.pool, HashedWords(32, "other-model"))
    assert await other.found("hello") == []
    assert await catch_up(other).pass_once() == 2
    assert await other.found("hello") == [A, B]
    assert await world.found("hello") == [A, B]


async def test_more_than_a_page_of_many_tenants_is_worked_off(world: World) -> None:
    records = [
        message(UUID(int=number), f"message {number}", from_seq=number, tenant_id=f"tenant-{number % 2}")
        for number in range(1, 1_302)
    ]
    await write(world.pool, *records)
    assert await catch_up(world).pass_once() == 1_301
    assert len(await indexed(world.pool, "tenant-0")) == 650
    assert len(await indexed(world.pool, "tenant-1")) == 651


async def test_a_tenant_that_another_member_works_on_is_left_to_it(world: World) -> None:
    await write(world.pool, message(A, "hello"))
    async with aclosing(UnindexedRows(world.pool).pages(world.model.name)) as pages:
        assert [target.record_id for target in await anext(pages)] == [A]
        assert await catch_up(world).pass_once() == 0
    assert await catch_up(world).pass_once() == 1
