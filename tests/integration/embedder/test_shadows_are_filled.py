"""A shadow index is filled beside the one that serves, misses nothing, and takes its place at once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest
from qdrant_client import AsyncQdrantClient

from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.adapters.vectors_qdrant import QdrantStore
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vectors import Scope, Vectors
from mneme_common.testing.embeddings import HashedWords
from mneme_gateway.errors import ApiError
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import end, message, write, writer
from tests.integration.embedder.shadows import ADA, NEW, OLD, ShadowWorld, shadow_world
from tests.unit.embedder.fakes import changed, recorded

A, B, C, D = (UUID(int=number) for number in range(1, 5))
GRACE = Scope("globex", "grace")


@pytest.fixture(params=["pgvector", "qdrant"])
async def world(request: pytest.FixtureRequest, database: MnemeDatabase) -> AsyncIterator[ShadowWorld]:
    """OLD serves three messages of two tenants, one of which has ended."""
    async with writer(database) as pool:
        local = QdrantStore(AsyncQdrantClient(location=":memory:"), local=True, prefix=f"t{uuid.uuid4().hex[:8]}")
        store = PgvectorStore(pool) if request.param == "pgvector" else local
        async with shadow_world(database, pool, store) as made:
            await say(made, A, "green tea", 1)
            await say(made, B, "black coffee", 2)
            await say(made, C, "apple juice", 1, owner=GRACE)
            await finish(made, B, "black coffee", 2, at=3)
            yield made
        await local.disconnect()


async def say(world: ShadowWorld, message_id: UUID, text: str, position: int, *, owner: Scope = ADA) -> None:
    """A message that is recorded and announced."""
    tenant, user = owner.tenant_id, owner.user_id
    await write(world.pool, message(message_id, text, from_seq=position, tenant_id=tenant, user_id=user))
    await world.deliver(recorded(message_id, text, position=position, tenant_id=tenant, user_id=user))


async def finish(world: ShadowWorld, message_id: UUID, text: str, position: int, *, at: int) -> None:
    """A message of Ada's that is deleted."""
    await end(world.pool, message(message_id, text, from_seq=position), at)
    await world.deliver(changed(message_id, "deleted", position=at))


async def test_a_shadow_gets_everything_of_every_tenant_and_its_past(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("ready")
    assert await world.found("tea", NEW) == [A]
    assert await world.found("coffee", NEW, as_of=2) == [B, A]
    assert await world.found("juice", NEW, scope=GRACE) == [C]
    shadow = (await world.desk.status()).shadow
    assert shadow is not None
    assert (shadow.expected, shadow.filled, shadow.refused, shadow.progress) == (3, 3, 0, 1.0)


async def test_new_writes_and_ends_reach_both_indexes(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("ready")
    await say(world, D, "cold water", 4)
    await finish(world, A, "green tea", 1, at=5)
    for choice in (OLD, NEW):
        assert await world.found("water", choice) == [D]
        assert await world.found("tea", choice, as_of=4) == [A, D]


async def test_a_search_never_mixes_the_two(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("following")
    vectors = [await world.store.vectors(ADA, choice.name, [A]) for choice in (OLD, NEW)]
    assert [found[A].shape for found in vectors] == [(16,), (32,)]
    assert await world.found("tea", OLD) == [A]


async def test_a_flip_serves_the_new_index_and_drops_the_old_one(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("ready")
    status = await world.desk.flip()
    assert (status.serving and status.serving.model, status.shadow) == (NEW.name, None)
    await say(world, D, "cold water", 4)
    assert await world.found("water", NEW) == [D, A]
    assert await world.found("water", OLD) == [A], "what serves no more is not written to"
    await world.shadows.look()
    assert await world.state(OLD) == "dropped"
    assert await world.found("tea", OLD) == []
    assert await world.found("tea", NEW) == [A, D]


@pytest.mark.parametrize("state", ["filling", "following"])
async def test_nothing_is_flipped_before_everything_is_there(world: ShadowWorld, state: str) -> None:
    await world.desk.start(NEW)
    await world.look_until(state)
    with pytest.raises(ApiError, match="not filled yet"):
        await world.desk.flip()
    assert (await world.state(OLD), await world.state(NEW)) == ("serving", state)


async def test_a_second_shadow_and_the_serving_model_are_refused(world: ShadowWorld) -> None:
    with pytest.raises(ApiError, match="serves already"):
        await world.desk.start(OLD)
    await world.desk.start(NEW)
    with pytest.raises(ApiError, match="is being filled already"):
        await world.desk.start(NEW)


async def test_a_cancelled_shadow_is_dropped_and_can_be_begun_again(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("ready")
    await world.desk.cancel()
    await world.shadows.look()
    assert await world.state(NEW) == "dropped"
    assert await world.found("tea", NEW) == []
    with pytest.raises(ApiError, match="No index"):
        await world.desk.cancel()
    await world.desk.start(NEW)
    await world.look_until("ready")
    assert await world.found("tea", NEW) == [A]


async def test_a_shadow_that_cannot_keep_up_keeps_nobody_waiting_and_is_filled_again(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    await world.look_until("ready")
    world.models[NEW.name].away = True
    await say(world, D, "cold water", 4)
    assert await world.found("water", OLD) == [D, A]
    assert await world.state(NEW) == "filling"
    with pytest.raises(DependencyError):
        await world.shadows.look()
    shadow = (await world.desk.status()).shadow
    assert shadow is not None
    assert shadow.problem == "the embedding model is away"
    world.models[NEW.name].away = False
    await world.look_until("ready")
    assert await world.found("water", NEW) == [D, A]


async def test_another_member_goes_on_where_one_was_killed(world: ShadowWorld) -> None:
    """What was embedded before is not embedded again."""
    await world.desk.start(NEW)
    await world.look_until("filling")
    model = world.models[NEW.name] = _Dying(32, NEW.name)
    with pytest.raises(KeyboardInterrupt):
        await world.shadows.look()
    await world.begin()
    model.lives = True
    await world.look_until("ready")
    embedded = [text for call in model.calls for text in call]
    assert sorted(embedded) == ["apple juice", "black coffee", "green tea"]


async def test_a_text_that_the_model_refuses_is_counted_and_stops_nothing(world: ShadowWorld) -> None:
    world.models[NEW.name] = _Choosy(32, NEW.name)
    await world.desk.start(NEW)
    await world.look_until("ready")
    shadow = (await world.desk.status()).shadow
    assert shadow is not None
    assert (shadow.filled, shadow.refused) == (2, 1)
    assert await world.found("tea", NEW) == [A]


async def test_only_one_member_works_on_a_shadow_at_a_time(world: ShadowWorld) -> None:
    await world.desk.start(NEW)
    (index,) = [index for index in await world.rows.all() if index.name == NEW.name]
    async with world.rows.working(index) as first, world.rows.working(index) as second:
        assert first is not None
        assert second is None


class _Dying(HashedWords):
    """Ends its process at its second call, as long as it does not live."""

    lives = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        if self.calls and not self.lives:
            raise KeyboardInterrupt
        return await super().embed(texts)


class _Choosy(HashedWords):
    """Refuses one word."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        if any("juice" in text for text in texts):
            raise PermanentError("embedding_refused", "no")
        return await super().embed(texts)
