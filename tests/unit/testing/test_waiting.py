"""Waiting ends with the result, with the reason for giving up, or with the check's own error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from mneme_common.testing.waiting import eventually, eventually_blocking


def _answers(*values: object) -> Iterator[object]:
    yield from values


async def test_eventually_returns_the_first_true_result() -> None:
    answers = _answers(None, [], "found", "later")
    assert await eventually(lambda: next(answers), every=0.001) == "found"


async def test_eventually_awaits_checks_that_are_coroutines() -> None:
    answers = _answers(0, 7)

    async def check() -> object:
        return next(answers)

    assert await eventually(check, every=0.001) == 7


async def test_eventually_takes_failed_assertions_as_not_yet() -> None:
    seen: list[int] = []

    def check() -> bool:
        seen.append(1)
        assert len(seen) == 3
        return True

    assert await eventually(check, every=0.001)


async def test_eventually_gives_up_with_message_and_last_failure() -> None:
    def check() -> bool:
        raise AssertionError("only 2 of 3 rows")

    with pytest.raises(AssertionError, match=r"the rows are there: not within 0 s; .*only 2 of 3 rows"):
        await eventually(check, within=0.0, message="the rows are there")


async def test_eventually_passes_other_errors_through_at_once() -> None:
    def check() -> bool:
        raise ValueError("broken check")

    with pytest.raises(ValueError, match="broken check"):
        await eventually(check)


async def test_eventually_does_not_hang_on_a_check_that_hangs() -> None:
    async def check() -> bool:
        return await asyncio.Event().wait()

    before = time.monotonic()
    with pytest.raises(AssertionError, match="did not answer in time"):
        await eventually(check, within=0.0)
    assert time.monotonic() - before < 5


def test_eventually_blocking_returns_the_first_true_result() -> None:
    answers = _answers(False, 42)
    assert eventually_blocking(lambda: next(answers), every=0.001) == 42


def test_eventually_blocking_gives_up_at_its_deadline() -> None:
    with pytest.raises(AssertionError, match="the server answers: not within 0 s; last result: False"):
        eventually_blocking(lambda: False, within=0.0, message="the server answers")
