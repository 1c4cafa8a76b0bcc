"""Waiting in tests: poll until something holds or the deadline passes.

The only place in the tests that sleeps. A check holds when it returns something true; an AssertionError or
something false means "not yet". Any other exception is a failure of the check and passes through at once.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

_LEAST_TIME_FOR_A_CHECK = 1.0
"""A check that starts just before the deadline still gets this long (seconds) to answer."""


@overload
async def eventually(
    check: Callable[[], Awaitable[T | None]], *, within: float = ..., every: float = ..., message: str = ...
) -> T: ...


@overload
async def eventually(
    check: Callable[[], T | None], *, within: float = ..., every: float = ..., message: str = ...
) -> T: ...


async def eventually(
    check: Callable[[], Awaitable[T | None] | T | None],
    *,
    within: float = 10.0,
    every: float = 0.02,
    message: str = "",
) -> T:
    """The first true result of `check` (plain or async), asked every `every` seconds for `within` seconds.

    Raises AssertionError with `message` and what the last check said when the deadline passes. The check
    runs at least once. An async check that hangs is cancelled at the deadline.
    """
    deadline = time.monotonic() + within
    while True:
        last_round = time.monotonic() >= deadline
        try:
            left = max(deadline - time.monotonic(), _LEAST_TIME_FOR_A_CHECK)
            result = await _answer(check, left)
            said = f"last result: {result!r}"
        except AssertionError as error:
            result, said = None, f"last failure: {error}"
        if result:
            return result
        if last_round:
            raise AssertionError(_gave_up(within, message, said))
        await asyncio.sleep(every)


def eventually_blocking(
    check: Callable[[], T | None], *, within: float = 10.0, every: float = 0.02, message: str = ""
) -> T:
    """The same for code without an event loop: start-up of servers, command-line tests."""
    deadline = time.monotonic() + within
    while True:
        last_round = time.monotonic() >= deadline
        try:
            result = check()
            said = f"last result: {result!r}"
        except AssertionError as error:
            result, said = None, f"last failure: {error}"
        if result:
            return result
        if last_round:
            raise AssertionError(_gave_up(within, message, said))
        time.sleep(every)


async def _answer(check: Callable[[], Awaitable[T | None] | T | None], left: float) -> T | None:
    answer = check()
    if not inspect.isawaitable(answer):
        return answer
    try:
        async with asyncio.timeout(left) as limit:
            return await answer
    except TimeoutError:
        if limit.expired():
            raise AssertionError("the check itself did not answer in time") from None
        raise


def _gave_up(within: float, message: str, said: str) -> str:
    return f"{message or 'the condition'}: not within {within:g} s; {said}"
