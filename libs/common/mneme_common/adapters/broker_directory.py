"""Where the log is now.

A Kafka stays where its bootstrap says. The embedded broker forgets at its end: each start of it is an incarnation, with
an address of its own, so that nobody can talk to the new one with a position of the old.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.broker import KAFKA_INCARNATION, Broker, BrokerDirectory
from mneme_common.settings.kafka import KafkaSettings

CHANNEL = "mneme_broker"


class FixedBroker:
    """Any Kafka: one incarnation for ever."""

    def __init__(self, bootstrap: str) -> None:
        self._broker = Broker(bootstrap, KAFKA_INCARNATION)

    async def current(self) -> Broker | None:
        """The Kafka of the settings."""
        return self._broker

    async def changed(self, known: Broker | None, within: float) -> bool:
        """Waits in vain."""
        await asyncio.sleep(within)
        return known != self._broker


class EmbeddedBrokers:
    """The embedded broker's incarnations, read from PostgreSQL; notified of a change, asking every 2 s besides."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hint = asyncio.Event()

    async def current(self) -> Broker | None:
        """The newest incarnation that is open."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT incarnation, bootstrap, state FROM broker_incarnations"
                " WHERE state IN ('ready', 'draining') ORDER BY started_at DESC LIMIT 1"
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        return Broker(row["bootstrap"], row["incarnation"], accepting=row["state"] == "ready", embedded=True)

    async def changed(self, known: Broker | None, within: float) -> bool:
        """Waits for a hint or for 2 s, whichever comes first, until the time is over."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            if await self.current() != known:
                return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            self._hint.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(2.0, left)):
                    await self._hint.wait()

    async def listen(self) -> None:
        """Turns notifications into hints until cancelled; a lost connection is made anew."""
        log = structlog.get_logger("mneme.broker")
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._database.url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        self._hint.set()
            except psycopg.OperationalError as error:
                log.info("broker directory unreachable", error=type(error).__name__)
                await asyncio.sleep(1.0)


@asynccontextmanager
async def directory_of(settings: KafkaSettings, database: Database) -> AsyncIterator[BrokerDirectory]:
    """The directory that the settings call for, listening while the block runs."""
    if settings.kafka_bootstrap is not None:
        yield FixedBroker(settings.kafka_bootstrap)
        return
    brokers = EmbeddedBrokers(database)
    listening = asyncio.create_task(brokers.listen(), name="broker-directory")
    try:
        yield brokers
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
