"""Keeps an embedded broker running, and replaces it before its memory grows too large."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import psycopg

from mneme_launcher.backoff import failures_in_a_row, restart_delay
from mneme_launcher.console import Console
from mneme_launcher.errors import StackError
from mneme_launcher.incarnation import Incarnation, IncarnationRegistry
from mneme_launcher.offspring import Offspring
from mneme_launcher.tansu import TansuBroker

_CHECK_S = 0.2
_WEIGH_EVERY = 10  # checks
_DRAIN_LIMIT_S = 60.0
_OVERLAP_S = 2.0
_AFTER_FAILURE_S = 1.0
_TURN = 1
_PATIENCE_S = 5.0


class BrokerKeeper:
    """One broker for all services. `create_topics(bootstrap)` makes the topics on a new, empty one."""

    def __init__(
        self,
        console: Console,
        offspring: Offspring,
        create_topics: Callable[[str], Awaitable[None]],
        *,
        partitions: int,
        limit_bytes: int,
    ) -> None:
        self._console = console
        self._offspring = offspring
        self._create_topics = create_topics
        self._partitions = partitions
        self._limit_bytes = limit_bytes
        self._broker = TansuBroker()
        self._pids: dict[TansuBroker, int] = {}
        self._launching: asyncio.Task[None] | None = None
        self._incarnation: Incarnation | None = None

    async def start(self) -> None:
        """Starts the first broker with its topics; nobody is told of it before `publish`."""
        await self._launch(self._broker)

    async def publish(self, registry: IncarnationRegistry) -> None:
        """Sends everybody to the broker of the moment."""
        incarnation = await asyncio.to_thread(registry.announce, self._broker.bootstrap, self._partitions)
        await asyncio.to_thread(registry.open, incarnation)
        self._incarnation = incarnation

    async def keep(self, registry: IncarnationRegistry) -> None:
        """Runs until it is cancelled. What fails, because the database is away for one, is tried again."""
        failures, started = 0, time.monotonic()
        for check in itertools.count():
            await asyncio.sleep(_CHECK_S)
            try:
                if not self._broker.is_running():
                    failures = failures_in_a_row(failures, time.monotonic() - started)
                    started = time.monotonic()
                    await self._revive(registry, restart_delay(failures))
                elif self._incarnation is None:
                    await self._create_topics(self._broker.bootstrap)
                    await self.publish(registry)
                elif check % _WEIGH_EVERY == 0 and self._broker.rss_bytes() > self._limit_bytes:
                    await self._replace(registry, self._incarnation)
            except (StackError, psycopg.Error) as error:
                self._console.say(f"broker: {error}".strip())
                await asyncio.sleep(_AFTER_FAILURE_S)

    async def stop(self) -> None:
        """Ends the broker; what it held is in the journal and the ledger."""
        if self._launching is not None:  # a start goes on in its thread though its task was cancelled
            await asyncio.wait([self._launching])
        for broker in list(self._pids):
            await self._retire(broker)

    async def _revive(self, registry: IncarnationRegistry, delay: float) -> None:
        self._console.say("the broker ended: starting an empty one, which the journal fills again")
        self._incarnation = None
        with contextlib.suppress(psycopg.Error):  # opening the next one closes this one in any case
            await asyncio.to_thread(registry.close_all)
        await asyncio.sleep(delay)
        await self._launch(self._broker)

    async def _replace(self, registry: IncarnationRegistry, heavy: Incarnation) -> None:
        self._console.say(f"the broker holds {self._broker.rss_bytes() >> 20} MiB: replacing it")
        await asyncio.to_thread(registry.drain, heavy)
        level = await self._wait_until_level(registry, heavy)
        successor, old = TansuBroker(), self._broker
        try:
            await self._launch(successor)
        except StackError:
            await self._retire(successor)
            await asyncio.to_thread(registry.open, heavy)
            raise
        self._broker, self._incarnation = successor, None
        try:
            await self.publish(registry)
            await asyncio.sleep(_OVERLAP_S)
        finally:
            await self._retire(old)
        self._console.say("the broker is replaced" if level else "the broker is replaced; the rest is caught up")

    async def _wait_until_level(self, registry: IncarnationRegistry, incarnation: Incarnation) -> bool:
        """Waits for two rounds of reports without lag: what one stage finished may be work for another."""
        deadline = time.monotonic() + _DRAIN_LIMIT_S
        for _ in range(2):
            since: datetime = await asyncio.to_thread(registry.now)
            while not await asyncio.to_thread(registry.is_level, incarnation, since):
                if time.monotonic() > deadline or not self._broker.is_running():
                    return False
                await asyncio.sleep(_CHECK_S)
        return True

    async def _launch(self, broker: TansuBroker) -> None:
        self._launching = asyncio.create_task(self._start(broker))
        await asyncio.shield(self._launching)
        await self._create_topics(broker.bootstrap)

    async def _start(self, broker: TansuBroker) -> None:
        self._strike_out(broker)
        await asyncio.to_thread(broker.start)
        if broker.pid is not None:
            self._pids[broker] = broker.pid
            self._offspring.add(broker.pid, turn=_TURN, ask=signal.SIGTERM, patience_s=_PATIENCE_S)

    async def _retire(self, broker: TansuBroker) -> None:
        await asyncio.to_thread(broker.stop)
        self._strike_out(broker)

    def _strike_out(self, broker: TansuBroker) -> None:
        pid = self._pids.pop(broker, None)
        if pid is not None:
            self._offspring.remove(pid)
