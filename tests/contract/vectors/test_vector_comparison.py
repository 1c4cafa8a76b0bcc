"""Comparing a vector with points whose names are known."""

from __future__ import annotations

import numpy as np
import pytest

from mneme_common.domain.vectors import DimensionMismatchError, Scope
from tests.contract.vectors.points import ADA, EAST, HALFWAY, MODEL, NORTH, Store, closing, key, name, point, vector


async def test_named_points_are_compared_and_no_others(store: Store) -> None:
    await store.upsert([point(1, -EAST), point(2, NORTH), point(3, EAST), point(4, HALFWAY)])
    similarities = await store.similarities(ADA, MODEL, EAST, [name(1), name(4), name(9)])
    assert similarities == {name(1): pytest.approx(-1.0), name(4): pytest.approx(0.5)}
    assert await store.similarities(ADA, MODEL, EAST, []) == {}


async def test_a_similarity_is_the_one_that_a_search_gives_to_the_last_bit(store: Store) -> None:
    generator = np.random.default_rng(5)
    rows = generator.standard_normal((40, 4), dtype=np.float32)
    await store.upsert([point(number, row) for number, row in enumerate(rows, start=1)])
    query = vector(0.3, -0.2, 0.7, 0.1)
    searched = {found.point_id: found.similarity for found in await store.nearest(ADA, MODEL, query, 40)}
    assert await store.similarities(ADA, MODEL, query, list(searched)) == searched


async def test_points_that_have_ended_are_compared_and_those_never_written_are_not(store: Store) -> None:
    await store.upsert([point(1)])
    await store.close([closing(1, 5), closing(2, 5)])
    assert list(await store.similarities(ADA, MODEL, EAST, [name(1), name(2)])) == [name(1)]


async def test_points_of_others_are_not_compared(store: Store) -> None:
    for scope in (Scope("acme", "grace"), Scope("globex", "ada")):
        await store.upsert([point(1, scope=scope)])
    assert await store.similarities(ADA, MODEL, EAST, [name(1)]) == {}


async def test_points_that_were_removed_are_not_compared(store: Store) -> None:
    await store.upsert([point(1)])
    await store.remove([key(1)])
    assert await store.similarities(ADA, MODEL, EAST, [name(1)]) == {}


async def test_a_comparison_with_another_dimension_is_refused(store: Store) -> None:
    await store.upsert([point(1)])
    with pytest.raises(DimensionMismatchError):
        await store.similarities(ADA, MODEL, vector(1, 0), [name(1)])
