"""How a member spaces its fetches and groups its records."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from mneme_common.contracts.dead_letters import Record
from mneme_common.runtime.pace import FetchWait, lanes_of


def records(*partitions: int) -> list[Record]:
    """Records of these partitions, in the order in which a session hands them over: by topic, then partition."""
    made = [
        Record(
            incarnation="one",
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp_ms=0,
            key=b"",
            value=b"",
            headers=(),
        )
        for topic in ("commands", "turns")
        for offset, partition in enumerate(partitions)
    ]
    return sorted(made, key=lambda record: (record.topic, record.partition))


def test_the_wait_grows_only_after_some_time_without_records() -> None:
    wait = FetchWait(5)
    assert [wait.polled(0) for _ in range(5)] == [5] * 5
    assert [wait.polled(0) for _ in range(9)] == [10, 20, 40, 80, 160, 320, 500, 500, 500]


def test_one_record_makes_the_wait_short_again() -> None:
    wait = FetchWait(5)
    for _ in range(50):
        wait.polled(0)
    assert wait.polled(1) == 5
    assert wait.polled(0) == 5


def test_a_wait_that_is_long_by_itself_stays_as_it_is() -> None:
    wait = FetchWait(2_000)
    assert {wait.polled(0) for _ in range(50)} == {2_000}


def test_a_few_records_of_many_partitions_are_one_lane() -> None:
    assert len(lanes_of(records(0, 1, 2, 3))) == 1


def test_many_records_of_two_partitions_are_two_lanes() -> None:
    assert len(lanes_of(records(*([0] * 200 + [1] * 200)))) == 2


@given(st.lists(st.integers(0, 5), max_size=400))
def test_a_partition_is_in_one_lane_whole_and_in_order(partitions: list[int]) -> None:
    given_records = records(*partitions)
    lanes = lanes_of(given_records)
    assert sorted(map(id, (record for lane in lanes for record in lane))) == sorted(map(id, given_records))
    homes = [record.partition for lane in lanes for record in {record.partition: record for record in lane}.values()]
    assert len(homes) == len(set(homes)), "no partition is in two lanes"
    for lane in lanes:
        for _, of_partition in groupby(sorted(lane, key=lambda r: r.partition), key=lambda r: r.partition):
            places = [(record.topic, record.offset) for record in of_partition]
            assert places == sorted(places)
