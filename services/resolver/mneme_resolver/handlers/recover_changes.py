"""A new incarnation of the log: what the later stages lack is emitted again before anything else is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog

from mneme_common.contracts.broker import Broker
from mneme_common.contracts.changes import Change
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.ports import ChangeEncoder


class Unfinished(Protocol):
    """What is unfinished, told from PostgreSQL."""

    def changes(self) -> AsyncIterator[list[tuple[ResolverEvent, list[Change]]]]:
        """Pages of events with their changes, each user's in order."""

    async def finished(self) -> None:
        """All of it is on the log again."""


class Once(Protocol):
    """One member of the stage does it for an incarnation; the others go on."""

    def __call__(self, broker: Broker) -> AbstractAsyncContextManager[bool]:
        """True inside for the member that is to do it."""


@dataclass(frozen=True, slots=True)
class RecoverChanges:
    """Runs before the first record of an incarnation is read; only the embedded broker has more than one."""

    unfinished: Unfinished
    encode: ChangeEncoder
    once: Once

    async def __call__(self, broker: Broker, emit: Callable[[Sequence[OutgoingRecord]], Awaitable[None]]) -> None:
        """Emits page by page; doing it twice only repeats what the later stages know already."""
        if not broker.embedded:
            return
        async with self.once(broker) as chosen:
            if not chosen:
                return
            total = 0
            async for page in self.unfinished.changes():
                records = [record for event, changes in page for record in self.encode(event, changes)]
                await emit(records)
                total += len(records)
            await self.unfinished.finished()
        structlog.get_logger("mneme.resolver").info("changes emitted again", records=total, log=broker.incarnation)
