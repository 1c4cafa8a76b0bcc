"""Vectors that were stored are given back."""

from __future__ import annotations

import numpy as np

from mneme_common.domain.vectors import Scope
from tests.contract.vectors.points import ADA, EAST, HALFWAY, MODEL, NORTH, Store, closing, key, name, point


async def test_named_points_are_given_back_as_they_were_stored(store: Store) -> None:
    await store.upsert([point(1, EAST), point(2, NORTH), point(3, HALFWAY)])
    found = await store.vectors(ADA, MODEL, [name(1), name(3), name(9)])
    assert {number.int: vector.tolist() for number, vector in found.items()} == {
        1: EAST.tolist(),
        3: HALFWAY.tolist(),
    }
    assert {vector.dtype for vector in found.values()} == {np.dtype(np.float32)}
    assert await store.vectors(ADA, MODEL, []) == {}


async def test_points_that_have_ended_are_given_back_and_those_never_written_are_not(store: Store) -> None:
    await store.upsert([point(1)])
    await store.close([closing(1, 5), closing(2, 5)])
    assert list(await store.vectors(ADA, MODEL, [name(1), name(2)])) == [name(1)]


async def test_points_of_others_are_not_given_back(store: Store) -> None:
    for scope in (Scope("acme", "grace"), Scope("globex", "ada")):
        await store.upsert([point(1, scope=scope)])
    assert await store.vectors(ADA, MODEL, [name(1)]) == {}


async def test_points_that_were_removed_are_not_given_back(store: Store) -> None:
    await store.upsert([point(1)])
    await store.remove([key(1)])
    assert await store.vectors(ADA, MODEL, [name(1)]) == {}
