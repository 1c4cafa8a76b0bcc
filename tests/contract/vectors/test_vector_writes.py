"""Writing: versions open and close in any order of arrival, and nothing happens twice."""

from __future__ import annotations

import pytest

from mneme_common.domain.vectors import DimensionMismatchError, RecordKind, Scope
from tests.contract.vectors.points import (
    ADA,
    EAST,
    HALFWAY,
    MODEL,
    NORTH,
    Store,
    closing,
    found,
    key,
    name,
    point,
    vector,
)

GRACE = Scope("acme", "grace")
ADA_ELSEWHERE = Scope("globex", "ada")


async def test_storing_a_point_twice_changes_nothing(store: Store) -> None:
    await store.upsert([point(1)])
    await store.upsert([point(1)])
    await store.upsert([point(1), point(1)])
    assert await found(store) == [1]


async def test_the_last_embedding_of_a_point_stays(store: Store) -> None:
    await store.upsert([point(1, EAST), point(2, HALFWAY)])
    await store.upsert([point(1, NORTH)])
    assert await found(store, EAST) == [2, 1]
    await store.upsert([point(1, NORTH), point(1, EAST)])
    assert await found(store, EAST) == [1, 2]


async def test_a_closed_point_leaves_present_searches_only(store: Store) -> None:
    await store.upsert([point(1, from_seq=3), point(2, from_seq=5)])
    await store.close([closing(1, 8)])
    assert await found(store) == [2]
    assert {position: await found(store, as_of=position) for position in (2, 3, 4, 5, 7, 8, 9)} == {
        2: [],
        3: [1],
        4: [1],
        5: [1, 2],
        7: [1, 2],
        8: [2],
        9: [2],
    }


async def test_a_closing_that_comes_first_is_not_lost(store: Store) -> None:
    await store.close([closing(1, 8)])
    assert await found(store) == []
    assert await found(store, as_of=8) == []
    await store.upsert([point(1, from_seq=3)])
    assert await found(store) == []
    assert await found(store, as_of=7) == [1]


async def test_a_late_upsert_never_reopens_a_closed_point(store: Store) -> None:
    await store.upsert([point(1, from_seq=3)])
    await store.close([closing(1, 8)])
    await store.upsert([point(1, from_seq=3)])
    await store.upsert([point(1, NORTH, from_seq=3)])
    assert await found(store) == []
    assert await found(store, as_of=7) == [1]


async def test_the_first_closing_of_a_point_stays(store: Store) -> None:
    await store.upsert([point(1, from_seq=1)])
    await store.close([closing(1, 5), closing(1, 9)])
    await store.close([closing(1, 9)])
    await store.upsert([point(1, from_seq=1, to_seq=9)])
    assert await found(store, as_of=4) == [1]
    assert await found(store, as_of=5) == []


async def test_a_point_may_be_stored_as_closed(store: Store) -> None:
    await store.upsert([point(1, from_seq=1, to_seq=5), point(2)])
    assert await found(store) == [2]
    assert await found(store, as_of=4) == [1, 2]


async def test_a_stored_point_is_closed_by_a_closed_version_of_itself(store: Store) -> None:
    await store.upsert([point(1, from_seq=1)])
    await store.upsert([point(1, from_seq=1, to_seq=5)])
    assert await found(store) == []


async def test_a_batch_that_opens_and_closes_a_point_leaves_it_closed(store: Store) -> None:
    await store.upsert([point(1, from_seq=1, to_seq=5), point(1, NORTH, from_seq=1)])
    assert await found(store) == []
    assert await found(store, NORTH, as_of=4) == [1]


async def test_a_closing_touches_its_own_point_only(store: Store) -> None:
    await store.upsert([point(1), point(1, scope=GRACE), point(1, scope=ADA_ELSEWHERE), point(2)])
    await store.close([closing(1, 5)])
    assert await found(store) == [2]
    assert await found(store, scope=GRACE) == [1]
    assert await found(store, scope=ADA_ELSEWHERE) == [1]


async def test_removing_a_point_removes_it_for_good(store: Store) -> None:
    await store.upsert([point(1, from_seq=1), point(2, from_seq=1), point(3, from_seq=1, to_seq=5)])
    await store.remove([key(1), key(3)])
    await store.remove([key(1), key(3), key(4)])
    assert await found(store) == [2]
    assert await found(store, as_of=4) == [2]


async def test_removing_touches_its_own_point_only(store: Store) -> None:
    await store.upsert([point(1), point(1, scope=GRACE), point(1, scope=ADA_ELSEWHERE)])
    await store.remove([key(1, GRACE)])
    assert await found(store) == [1]
    assert await found(store, scope=GRACE) == []
    assert await found(store, scope=ADA_ELSEWHERE) == [1]


async def test_points_of_many_owners_are_stored_in_one_call(store: Store) -> None:
    owners = [Scope(f"tenant-{number % 3}", f"user-{number % 7}") for number in range(21)]
    await store.upsert([point(number, scope=owner) for number, owner in enumerate(owners)])
    await store.close([closing(number, 5, scope=owner) for number, owner in enumerate(owners) if number % 2])
    for number, owner in enumerate(owners):
        assert await found(store, scope=owner) == ([] if number % 2 else [number])


async def test_a_large_batch_is_stored_as_a_whole(store: Store) -> None:
    await store.upsert([point(number, from_seq=number + 1) for number in range(2_000)])
    assert len(await store.nearest(ADA, MODEL, EAST, 5_000)) == 2_000


async def test_nothing_to_write_is_no_error(store: Store) -> None:
    await store.upsert([])
    await store.close([])
    await store.remove([])


async def test_a_kind_and_record_survive_an_early_closing(store: Store) -> None:
    await store.close([closing(1, 9, kind=RecordKind.MEMORY)])
    await store.upsert([point(1, kind=RecordKind.MEMORY, from_seq=2)])
    (neighbour,) = await store.nearest(ADA, MODEL, EAST, 5, as_of=3, kinds={RecordKind.MEMORY})
    assert neighbour.record_id == name(1001)


async def test_a_vector_of_another_dimension_is_refused(store: Store) -> None:
    with pytest.raises(DimensionMismatchError):
        await store.upsert([point(1), point(2, vector(1, 0, 0))])
    assert await found(store) == []


async def test_points_of_an_unregistered_model_are_refused(store: Store) -> None:
    with pytest.raises(DimensionMismatchError, match="not been registered"):
        await store.upsert([point(1, model="unheard-of")])


async def test_a_second_dimension_for_a_model_is_refused_at_start(store: Store) -> None:
    with pytest.raises(DimensionMismatchError, match=r"dimension 4.* 8"):
        await store.register(MODEL, 8)
    with pytest.raises(DimensionMismatchError, match=r"dimension 4.* 8"):
        await store.check(MODEL, 8)


async def test_registering_a_model_again_changes_nothing(store: Store) -> None:
    await store.upsert([point(1)])
    await store.register(MODEL, 4)
    await store.check(MODEL, 4)
    assert await found(store) == [1]


async def test_a_reader_may_check_a_model_before_any_vector_exists(empty_store: Store) -> None:
    await empty_store.check(MODEL, 4)
    assert await found(empty_store) == []


async def test_an_erasure_removes_what_a_user_had_up_to_a_position_and_nothing_else(store: Store) -> None:
    other = GRACE
    await store.upsert([point(1), point(2), point(3, scope=other)])
    assert await store.erase(ADA, 1_000_000) == 2
    assert await store.erase(ADA, 1_000_000) == 0
    assert await store.nearest(ADA, MODEL, EAST, 5) == []
    assert len(await store.nearest(other, MODEL, EAST, 5)) == 1
