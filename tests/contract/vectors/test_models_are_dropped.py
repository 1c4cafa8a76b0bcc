"""The vectors of a model go as a whole, and those of another model stay."""

from __future__ import annotations

import numpy as np
import pytest

from mneme_common.domain.vectors import DimensionMismatchError, Scope
from tests.contract.vectors.points import ADA, DIMENSION, EAST, MODEL, Store, found, key, numbers, point

_OTHER = "other-model"
_GRACE = Scope("globex", "grace")


async def test_dropping_a_model_leaves_the_vectors_of_another(store: Store) -> None:
    await store.register(_OTHER, DIMENSION)
    await store.upsert([point(1), point(2, scope=_GRACE), point(1, model=_OTHER)])
    await store.drop(_OTHER)
    assert await found(store) == [1]
    assert await found(store, scope=_GRACE) == [2]
    assert await store.nearest(ADA, _OTHER, EAST, 5) == []


async def test_a_dropped_model_may_come_back_with_another_dimension(store: Store) -> None:
    await store.upsert([point(1)])
    await store.drop(MODEL)
    await store.register(MODEL, 2)
    short = np.array([1, 0], dtype=np.float32)
    await store.upsert([point(5, short)])
    assert numbers(await store.nearest(ADA, MODEL, short, 5)) == [5]
    with pytest.raises(DimensionMismatchError):
        await store.nearest(ADA, MODEL, EAST, 5)


async def test_dropping_what_is_not_there_changes_nothing(store: Store) -> None:
    await store.upsert([point(1)])
    await store.drop("unheard-of")
    assert await found(store) == [1]


async def test_erasing_a_user_reaches_the_vectors_of_every_model(store: Store) -> None:
    await store.register(_OTHER, DIMENSION)
    await store.upsert([point(1), point(1, model=_OTHER), point(2, scope=_GRACE, model=_OTHER)])
    assert await store.erase(ADA, up_to=9) == 2
    assert await store.vectors(ADA, _OTHER, [key(1).point_id]) == {}
    assert numbers(await store.nearest(_GRACE, _OTHER, EAST, 5)) == [2]
