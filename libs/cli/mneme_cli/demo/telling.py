"""Sending the demonstration's conversations, and waiting until they have been read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mneme import Mneme
from mneme.answers.memories import Memory
from mneme_cli.screen import Screen

_CALM_SECONDS = 2.5  # heartbeats, which tell the lag, come every two seconds
_PATIENCE_SECONDS = 60.0
_ASK_SECONDS = 0.25


@dataclass(slots=True)
class Told:
    """How long each message took to be recorded, in seconds, and what was replaced in it."""

    seconds: list[float] = field(default_factory=list)
    scrubbed: list[tuple[str, str]] = field(default_factory=list)


def tell(client: Mneme, screen: Screen, name: str, messages: Sequence[Mapping[str, object]], told: Told) -> None:
    """Sends messages one after the other under a progress bar."""
    with _bar(screen) as progress:
        if progress is None:
            screen.note(f"telling {name}: {len(messages)} messages")
        task = progress.add_task(f"telling {name}", total=len(messages)) if progress else None
        for message in messages:
            began = time.monotonic()
            recorded = client.messages.record_many([message]).raise_for_errors()
            told.seconds.append(time.monotonic() - began)
            said = str(message["content"])
            told.scrubbed += [(said, kept.content) for kept in recorded if kept.content != said]
            if progress and task is not None:
                progress.advance(task)


def remembered(client: Mneme) -> tuple[Memory, ...]:
    """The user's memories, once no stage is behind and nothing has changed for a while."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    known, since = client.get_all().items, time.monotonic()
    while time.monotonic() < min(since + _CALM_SECONDS, deadline):
        time.sleep(_ASK_SECONDS)
        now = client.get_all().items
        lagging = any(stage.lag for stage in client.health().stages)
        if lagging or [memory.memory_id for memory in now] != [memory.memory_id for memory in known]:
            known, since = now, time.monotonic()
    return known


def _bar(screen: Screen) -> AbstractContextManager[Progress | None]:
    if not screen.is_live:
        return nullcontext()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=screen.notes)
