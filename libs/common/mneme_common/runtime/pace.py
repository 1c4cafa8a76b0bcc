"""How a member of a stage spaces its work: pure decisions about fetches, lanes and commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from mneme_common.contracts.dead_letters import Record

_BUSY_POLLS = 5
"""So many empty polls in a row, a second each, pass before the waits get longer."""

_IDLE_MS = 500
_LANE_RECORDS = 128
"""A transaction costs as much as some dozens of records, so a lane with fewer than these takes in the next one."""


@dataclass(slots=True)
class FetchWait:
    """How long the broker may hold an empty fetch: ``busy_ms`` under traffic, doubling to half a second without.

    A broker that answers only at the end of the wait makes every event pay for it; an idle member pays for each fetch.
    """

    busy_ms: int
    wait_ms: int = field(init=False)
    _empty: int = 0

    def __post_init__(self) -> None:
        self.wait_ms = self.busy_ms

    def polled(self, records: int) -> int:
        """The wait after a poll that found so many records."""
        if records:
            self._empty, self.wait_ms = 0, self.busy_ms
            return self.wait_ms
        self._empty += 1
        if self._empty > _BUSY_POLLS:
            self.wait_ms = min(self.wait_ms * 2, max(self.busy_ms, _IDLE_MS))
        return self.wait_ms


def lanes_of(records: Iterable[Record]) -> list[Sequence[Record]]:
    """The records as lanes that may run side by side: whole partition indexes, each lane in the order given.

    ``records`` come sorted by topic, then partition; so do they in a lane.
    """
    by_partition = {
        partition: list(group)
        for partition, group in groupby(
            sorted(records, key=lambda record: record.partition), key=lambda record: record.partition
        )
    }
    lanes: list[list[Record]] = []
    for group in by_partition.values():
        if lanes and len(lanes[-1]) < _LANE_RECORDS:
            lanes[-1] += group
        else:
            lanes.append(group)
    return list(lanes)
