"""How an import shows that it moves: a bar for a terminal, a line now and then for a log."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mneme_cli.screen import Screen
from mneme_cli.transfer.tally import Tally

_BAR_SECONDS = 0.1
_LINE_SECONDS = 5.0
_RATE_WINDOW = 50
_LAG_SECONDS = 1.0

Lag = Callable[[], Awaitable[str]]
"""Says in a few words how far the stages are behind; empty when that is not known."""


class Rate:
    """Turns per second over the last while."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)], _RATE_WINDOW)

    def at(self, done: int) -> float:
        """The rate now that so many are done."""
        now = time.monotonic()
        self._marks.append((now, done))
        since, before = self._marks[0]
        return (done - before) / (now - since) if now > since else 0.0


@asynccontextmanager
async def shown_progress(screen: Screen, tally: Tally, lag: Lag) -> AsyncIterator[None]:
    """Shows the tally while the block runs, and once more at its end."""
    show = _bar if screen.is_live else _lines
    task = asyncio.create_task(show(screen, tally, lag))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _bar(screen: Screen, tally: Tally, lag: Lag) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>6.0f}/s"),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[lag]}", style="dim"),
    )
    rate = Rate()
    behind, asked = "", 0.0
    with Progress(*columns, console=screen.notes) as progress:
        bar = progress.add_task("importing", total=tally.total or None, rate=0.0, lag="")
        try:
            while True:
                if time.monotonic() - asked > _LAG_SECONDS:
                    behind, asked = await lag(), time.monotonic()
                progress.update(bar, completed=tally.done, total=tally.total, rate=rate.at(tally.done), lag=behind)
                await asyncio.sleep(_BAR_SECONDS)
        finally:
            progress.update(bar, completed=tally.done, rate=rate.at(tally.done))


async def _lines(screen: Screen, tally: Tally, lag: Lag) -> None:
    rate = Rate()
    while True:
        await asyncio.sleep(_LINE_SECONDS)
        behind = await lag()
        share = f"{tally.done}/{tally.total}"
        screen.note(f"{share} done, {rate.at(tally.done):.0f}/s{f', {behind}' if behind else ''}")
