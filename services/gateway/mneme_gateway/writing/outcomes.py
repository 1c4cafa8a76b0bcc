"""Waiting for outcomes: the ledger is the truth, notifications are hints (guarantee 7)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog

from mneme_gateway.ports import Database
from mneme_gateway.writing.abandoned import Abandoned
from mneme_gateway.writing.admission import EventKey

CHANNEL = "mneme_outcomes"
_ASK_EVERY_SECONDS = 0.25
_LAST_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the resolver decided about one event, as the ledger has it."""

    status: str
    request_hash: str
    body: dict[str, Any]
    position: int
    applied_at: datetime


@dataclass(slots=True)
class Wait:
    """One attempt's wait for its events; two attempts at the same event wait apart."""

    keys: frozenset[EventKey]
    known: dict[EventKey, Outcome] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def settle(self, key: EventKey, outcome: Outcome) -> None:
        """Notes an outcome; the wait is over when all are known."""
        self.known[key] = outcome
        if len(self.known) == len(self.keys):
            self.complete.set()


class Outcomes:
    """Every open event of this process, and one query that asks for all of them."""

    def __init__(self, database: Database, settled: Callable[[EventKey], None]) -> None:
        self._database = database
        self._settled = settled
        self._waits: dict[EventKey, dict[UUID, Wait]] = {}
        self._abandoned = Abandoned()
        self._hint = asyncio.Event()
        self._opened = asyncio.Event()
        self._round = asyncio.Event()

    def hint(self) -> None:
        """Something may be known now."""
        self._hint.set()

    def open(self, request_id: UUID, keys: Sequence[EventKey]) -> Wait:
        """Registers an attempt before its events are produced, under an id of its own."""
        wait = Wait(frozenset(keys))
        for key in keys:
            self._waits.setdefault(key, {})[request_id] = wait
            self._abandoned.discard(key)
        self._opened.set()
        return wait

    def close(self, request_id: UUID, wait: Wait, *, written: bool) -> None:
        """Nobody waits any more; events that were ``written`` are asked for until their outcome is known."""
        for key in wait.keys:
            others = self._waits.get(key, {})
            others.pop(request_id, None)
            if others:
                continue
            self._waits.pop(key, None)
            if key not in wait.known and written:
                self._abandoned.add(key)
            else:
                self._settled(key)

    async def until(self, wait: Wait, deadline: float) -> None:
        """Returns when every outcome is known or the deadline (loop time) is over, after a last look."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await wait.complete.wait()
        if not wait.complete.is_set():
            await self._last_look(wait)

    async def run(self) -> None:
        """Asks until cancelled."""
        log = structlog.get_logger("mneme.gateway")
        while True:
            hinted = await self._reason_to_ask()
            try:
                await self._ask(list(self._waits))
                await self._settle(self._abandoned.due(hinted=hinted))
            except psycopg.Error as error:
                log.warning("outcomes cannot be read", error=type(error).__name__)
                await asyncio.sleep(_ASK_EVERY_SECONDS)
            finished, self._round = self._round, asyncio.Event()
            finished.set()

    async def _last_look(self, wait: Wait) -> None:
        """Waits for a round of asking that starts from now on; the one in hand may have asked too early."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_LOOK_SECONDS):
                for _ in range(2):
                    if wait.complete.is_set():
                        return
                    self._hint.set()
                    await self._round.wait()

    async def _reason_to_ask(self) -> bool:
        """Waits until somebody waits or something is on its way, then for a hint, not for long; whether one came."""
        if not self._waits and not self._abandoned:
            self._opened.clear()
            await self._opened.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASK_EVERY_SECONDS):
                await self._hint.wait()
        hinted = self._hint.is_set()
        self._hint.clear()
        return hinted

    async def _settle(self, keys: Sequence[EventKey]) -> None:
        """Lets go of those that the ledger has by now."""
        if not keys:
            return
        rows = await self._database.call("settled_events", _columns(keys))
        for row in rows:
            key = row["tenant_id"], row["event_id"]
            self._abandoned.discard(key)
            if key not in self._waits:
                self._settled(key)
        if self._abandoned.settled(len(rows)):
            self._hint.set()

    async def _ask(self, keys: Sequence[EventKey]) -> None:
        if not keys:
            return
        for key, outcome in await self.read(keys):
            self._abandoned.discard(key)
            waits = self._waits.pop(key, {})
            for wait in waits.values():
                wait.settle(key, outcome)
            self._settled(key)

    async def read(self, keys: Sequence[EventKey]) -> Iterable[tuple[EventKey, Outcome]]:
        """What the ledger has of these events."""
        rows = await self._database.call("read_outcomes", _columns(keys))
        return [
            (
                (row["tenant_id"], row["event_id"]),
                Outcome(row["status"], row["request_hash"], row["outcome"], row["seq"], row["applied_at"]),
            )
            for row in rows
        ]


def _columns(keys: Sequence[EventKey]) -> tuple[list[str], list[UUID]]:
    return [tenant for tenant, _ in keys], [event_id for _, event_id in keys]
