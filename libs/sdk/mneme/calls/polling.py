"""Asking until something is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mneme.errors import PendingError
from mneme.exchange import Call, Context, Exchange, Pause, polling_pause

T = TypeVar("T")


def polled(ask: Call[T], context: Context, done: Callable[[T], bool], seconds: float, complaint: str) -> Exchange[T]:
    """The first answer that is ``done``; raises PendingError with the complaint when the time is over."""
    deadline = context.clock() + seconds
    polls = 0
    while not done(answer := (yield from ask(context))):
        pause = polling_pause(polls)
        if context.clock() + pause > deadline:
            raise PendingError(f"{complaint} after {seconds:g} s.")
        yield Pause(pause)
        polls += 1
    return answer
