from __future__ import annotations

import asyncio

import pytest

from mneme_gateway.search.shared import SharedRun


class Work:
    """Counts its runs and ends each when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.started = asyncio.Event()
        self.may_end = asyncio.Event()

    async def run(self) -> int:
        self.runs += 1
        mine = self.runs
        self.started.set()
        await self.may_end.wait()
        return mine


async def test_those_who_ask_during_a_run_share_the_next_one() -> None:
    work = Work()
    shared = SharedRun(work.run)
    first = asyncio.create_task(shared.result())
    await work.started.wait()
    later = [asyncio.create_task(shared.result()) for _ in range(5)]
    work.may_end.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2] * 5
    assert work.runs == 2


async def test_a_caller_who_leaves_stops_nobody_else() -> None:
    work = Work()
    shared = SharedRun(work.run)
    leaving, staying = (asyncio.create_task(shared.result()) for _ in range(2))
    await work.started.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    work.may_end.set()
    assert await staying == 1


async def test_an_error_reaches_those_who_share_the_run_and_nobody_after() -> None:
    fails = True

    async def work() -> str:
        if fails:
            raise ConnectionError("away")
        return "back"

    shared = SharedRun(work)
    results = await asyncio.gather(*(shared.result() for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionError] * 3
    fails = False
    assert await shared.result() == "back"
