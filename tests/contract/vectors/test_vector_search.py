"""Searching: order, limits, filters, walls."""

from __future__ import annotations

import numpy as np
import pytest

from mneme_common.domain.vectors import (
    DimensionMismatchError,
    EmptyScopeError,
    PointKey,
    RecordKind,
    Scope,
)
from tests.contract.vectors.points import (
    ADA,
    EAST,
    HALFWAY,
    MODEL,
    NORTH,
    Store,
    found,
    name,
    numbers,
    point,
    vector,
)

GRACE = Scope("acme", "grace")
ADA_ELSEWHERE = Scope("globex", "ada")


async def test_points_come_by_falling_similarity(store: Store) -> None:
    await store.upsert([point(1, -EAST), point(2, NORTH), point(3, EAST), point(4, HALFWAY)])
    neighbours = await store.nearest(ADA, MODEL, EAST, 10)
    assert numbers(neighbours) == [3, 4, 2, 1]
    assert [neighbour.similarity for neighbour in neighbours] == pytest.approx([1.0, 0.5, 0.0, -1.0])


async def test_a_neighbour_names_its_record_and_kind(store: Store) -> None:
    await store.upsert([point(7, kind=RecordKind.MEMORY)])
    (neighbour,) = await store.nearest(ADA, MODEL, EAST, 10)
    assert (neighbour.point_id, neighbour.record_id, neighbour.kind) == (name(7), name(1007), RecordKind.MEMORY)


async def test_equal_similarities_are_ordered_by_point_id(store: Store) -> None:
    await store.upsert([point(number) for number in (5, 1, 4, 2, 3)])
    assert await found(store) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_a_limit_among_equals_keeps_the_lowest_point_ids(store: Store, limit: int) -> None:
    await store.upsert([point(number) for number in range(40, 0, -1)])
    assert await found(store, limit=limit) == list(range(1, limit + 1))


async def test_similarity_is_the_cosine_of_unit_vectors(empty_store: Store) -> None:
    generator = np.random.default_rng(1)
    embeddings = generator.standard_normal((50, 256), dtype=np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    await empty_store.register("wide", 256)
    await empty_store.upsert([point(number, row, model="wide") for number, row in enumerate(embeddings)])
    neighbours = await empty_store.nearest(ADA, "wide", embeddings[0], 50)
    expected = embeddings @ embeddings[0]
    assert neighbours[0].point_id == name(0)
    assert {n.point_id: n.similarity for n in neighbours} == pytest.approx(
        {name(number): float(cosine) for number, cosine in enumerate(expected)}, abs=2e-3
    )


async def test_a_text_without_tokens_is_similar_to_nothing(store: Store) -> None:
    await store.upsert([point(1, vector(0, 0, 0, 0)), point(2, EAST)])
    neighbours = await store.nearest(ADA, MODEL, EAST, 10)
    assert [neighbour.similarity for neighbour in neighbours] == pytest.approx([1.0, 0.0])


async def test_another_user_of_the_tenant_is_never_searched(store: Store) -> None:
    await store.upsert([point(1), point(1, scope=GRACE), point(2, scope=GRACE)])
    assert await found(store) == [1]
    assert await found(store, scope=GRACE) == [1, 2]


async def test_the_same_user_of_another_tenant_is_never_searched(store: Store) -> None:
    await store.upsert([point(1), point(1, NORTH, scope=ADA_ELSEWHERE), point(2, scope=ADA_ELSEWHERE)])
    assert await found(store) == [1]
    assert await found(store, scope=ADA_ELSEWHERE) == [2, 1]


async def test_vectors_of_another_model_are_never_searched(store: Store) -> None:
    await store.register("other-model", 4)
    await store.upsert([point(1), point(2, model="other-model")])
    assert await found(store) == [1]


@pytest.mark.parametrize(("tenant_id", "user_id"), [("", "ada"), ("acme", ""), ("", "")])
def test_an_empty_scope_is_refused(tenant_id: str, user_id: str) -> None:
    with pytest.raises(EmptyScopeError):
        Scope(tenant_id, user_id)
    with pytest.raises(EmptyScopeError):
        PointKey(tenant_id, user_id, MODEL, name(1))


async def test_kinds_restrict_a_search(store: Store) -> None:
    await store.upsert([point(1), point(2, kind=RecordKind.MEMORY)])
    memories = await store.nearest(ADA, MODEL, EAST, 10, kinds={RecordKind.MEMORY})
    both = await store.nearest(ADA, MODEL, EAST, 10, kinds=set(RecordKind))
    assert (numbers(memories), numbers(both)) == ([2], [1, 2])
    assert await store.nearest(ADA, MODEL, EAST, 10, kinds=set()) == []


async def test_allowed_records_are_found_behind_many_better_ones(store: Store) -> None:
    await store.upsert([point(number, EAST) for number in range(100, 400)])
    await store.upsert([point(1, NORTH), point(2, -EAST), point(3, HALFWAY, scope=GRACE)])
    allowed = {name(1001), name(1002), name(1003), name(5)}
    assert numbers(await store.nearest(ADA, MODEL, EAST, 5, allowed=allowed)) == [1, 2]


async def test_nothing_is_found_when_nothing_is_allowed(store: Store) -> None:
    await store.upsert([point(1)])
    assert await store.nearest(ADA, MODEL, EAST, 5, allowed=set()) == []


async def test_a_scope_without_points_has_no_neighbours(store: Store) -> None:
    assert await found(store) == []


async def test_a_model_that_nobody_registered_has_no_neighbours(empty_store: Store) -> None:
    assert await empty_store.nearest(ADA, "unheard-of", EAST, 5) == []


async def test_a_query_of_another_dimension_is_refused(store: Store) -> None:
    with pytest.raises(DimensionMismatchError):
        await store.nearest(ADA, MODEL, vector(1, 0), 5)
