"""Publishing to a broker that forgets at its end: journal first, then the log, in the journal's order.

While there is no broker, or it is drained, or a new incarnation is still being told what the journal holds, events are
journalled only; what they wait for comes later, and nothing is lost or overtaken meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from psycopg_pool import PoolTimeout

from mneme_common.contracts.broker import Broker, BrokerDirectory
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.domain.failures import DependencyError
from mneme_gateway.errors import ApiError, unavailable
from mneme_gateway.ports import Clients
from mneme_gateway.writing.events import Event
from mneme_gateway.writing.journal import Entry, Journal
from mneme_gateway.writing.retired_producers import RetiredProducers

_GROUP_EVENTS = 500
_GROUP_BYTES = 200_000
"""Less than a producer's batch: a partition's share of a group is one batch, which arrives as a whole or not at all."""

_PAGE = 200
_RETRY_SECONDS = 0.5
_RECHECK_SECONDS = 30.0
_CLOSE_SECONDS = 2.0


@dataclass(slots=True)
class _Waiting:
    events: Sequence[Event]
    durable: asyncio.Future[None]


class EmbeddedPublisher:
    """One task commits the journal in groups, another follows the broker; a lock makes the change-over exact."""

    def __init__(
        self, journal: Journal, directory: BrokerDirectory, clients: Clients, *, sweep_seconds: float = 30.0
    ) -> None:
        self._journal = journal
        self._directory = directory
        self._clients = clients
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._committing = asyncio.Lock()
        self._queue: deque[OutgoingRecord] = deque()
        self._queued = asyncio.Event()
        self._retired = RetiredProducers()
        self._sweep_seconds = sweep_seconds
        self._swept = 0
        self._swept_at = 0.0
        self._publishing = False

    @property
    def publishing(self) -> bool:
        """Whether events go to the log as soon as they are journalled."""
        return self._publishing

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when the events are committed to the journal; raises ApiError 503 otherwise."""
        waiting = _Waiting(events, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        await waiting.durable

    async def redrive(self, records: Sequence[OutgoingRecord]) -> None:
        """Queues records whose dead letters stay open until their stage has succeeded; raises ApiError 503."""
        if not self._publishing:
            raise unavailable("The log is on its way back; nothing was sent.")
        self._queue.extend(records)
        self._queued.set()

    async def run(self) -> None:
        """Commits and publishes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_groups(), name="journal")
            tasks.create_task(self._follow_broker(), name="publisher")

    async def close(self) -> None:
        """Gives producers that are still closing a moment."""
        await self._retired.drain(_CLOSE_SECONDS)

    async def _commit_groups(self) -> None:
        while True:
            await self._arrived.wait()
            group = self._next_group()
            events = [event for waiting in group for event in waiting.events]
            try:
                async with self._committing:
                    records = await self._journal.append(events)
                    if self._publishing:
                        self._queue.extend(records)
                        self._queued.set()
            except psycopg.Error as error:
                _fail(group, error)
                continue
            for waiting in group:
                if not waiting.durable.done():
                    waiting.durable.set_result(None)

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and size < _GROUP_EVENTS:
            group.append(self._waiting.popleft())
            size += len(group[-1].events)
        if not self._waiting:
            self._arrived.clear()
        return group

    async def _follow_broker(self) -> None:
        log = structlog.get_logger("mneme.gateway")
        while True:
            try:
                broker = await self._directory.current()
                await self._use(broker)
            except (psycopg.Error, KafkaError, DependencyError, OSError) as error:
                log.info("journalling only", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _use(self, broker: Broker | None) -> None:
        """Publishes to this incarnation until it is replaced or fails."""
        if broker is None or not broker.accepting:
            await self._replaced(broker)
            return
        session = asyncio.create_task(self._session(broker), name="publishing")
        replaced = asyncio.create_task(self._replaced(broker), name="broker-watch")
        try:
            await asyncio.wait({session, replaced}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (session, replaced):
                task.cancel()
            await asyncio.wait({session, replaced})
        if not session.cancelled():
            session.result()

    async def _replaced(self, broker: Broker | None) -> None:
        while True:
            try:
                if await self._directory.changed(broker, _RECHECK_SECONDS):
                    return
            except (psycopg.Error, OSError):
                await asyncio.sleep(_RETRY_SECONDS)

    async def _session(self, broker: Broker) -> None:
        producer = self._clients.producer(broker)
        try:
            await producer.start()
            await self._catch_up(producer)
            structlog.get_logger("mneme.gateway").info("publishing", incarnation=broker.incarnation)
            while True:
                await self._clients.produce(producer, await self._next_records())
        finally:
            self._publishing = False
            self._queue.clear()
            self._retired.retire(producer)

    async def _catch_up(self, producer: AIOKafkaProducer) -> None:
        """Tells the log everything in the journal, in order, before anything new.

        Other gateways may do the same at the same time: whichever comes first to the log is in order, and what comes
        again changes nothing (guarantee 2).
        """
        position = 0
        while len(page := await self._journal.page(position, _PAGE)) == _PAGE:
            position = await self._produce_page(producer, page)
        async with self._committing:
            # No commit of ours is under way: what the journal holds now is all there is before the change-over.
            while page := await self._journal.page(position, _PAGE):
                position = await self._produce_page(producer, page)
            self._swept, self._swept_at = position, time.monotonic()
            self._queue.clear()
            self._publishing = True

    async def _produce_page(self, producer: AIOKafkaProducer, page: Sequence[Entry]) -> int:
        records = deque(entry.record for entry in page)
        while records:
            await self._clients.produce(producer, _take(records))
        return page[-1].position

    async def _next_records(self) -> list[OutgoingRecord]:
        while True:
            await self._sweep_when_due()
            if self._queue:
                return _take(self._queue)
            self._queued.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._sweep_seconds):
                    await self._queued.wait()

    async def _sweep_when_due(self) -> None:
        """Takes over what a gateway that is gone journalled and did not publish."""
        if time.monotonic() - self._swept_at < self._sweep_seconds:
            return
        self._swept_at = time.monotonic()
        page = await self._journal.left_behind(self._swept, self._sweep_seconds, _PAGE)
        self._queue.extend(entry.record for entry in page)
        if page:
            self._swept = page[-1].position


def _take(records: deque[OutgoingRecord]) -> list[OutgoingRecord]:
    taken = [records.popleft()]
    size = len(taken[0].value)
    while records and size + len(records[0].value) <= _GROUP_BYTES:
        taken.append(records.popleft())
        size += len(taken[-1].value)
    return taken


def _fail(group: Sequence[_Waiting], error: psycopg.Error) -> None:
    structlog.get_logger("mneme.gateway").warning("the journal cannot be written", error=type(error).__name__)
    for waiting in group:
        if not waiting.durable.done():
            waiting.durable.set_exception(_refusal(error))


def _refusal(error: psycopg.Error) -> ApiError:
    if isinstance(error, PoolTimeout):
        return unavailable("The database cannot be reached; nothing was written.")
    return unavailable(
        "The database went away while the write was being accepted; whether it was is not known.",
        code="OUTCOME_UNKNOWN",
        hint="Send it again with the same Idempotency-Key.",
    )
