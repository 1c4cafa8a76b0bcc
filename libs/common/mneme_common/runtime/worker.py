"""The worker: follows the log from incarnation to incarnation, and drains when told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from mneme_common.contracts.broker import Broker, BrokerDirectory
from mneme_common.contracts.dead_letters import DeadLetterStore, Seal, unsealed
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.topics import TopicNames
from mneme_common.runtime.failure_policy import HaltPolicy, delay
from mneme_common.runtime.lane import Lane, Patience
from mneme_common.runtime.session import Session
from mneme_common.runtime.stage import Checkpoint, Stage, ignore
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress

E = TypeVar("E")


class Clients(Protocol):
    """Makes Kafka clients for a broker."""

    @property
    def topics(self) -> TopicNames:
        """Topic names on the cluster."""

    def producer(self, broker: Broker, *, linger_ms: int = 0) -> AIOKafkaProducer:
        """A producer that waits for all replicas."""

    def consumer(self, broker: Broker, stage: str, *, drain_seconds: float) -> AIOKafkaConsumer:
        """A member of the stage's group that commits by hand."""

    async def produce(self, producer: AIOKafkaProducer, records: Sequence[OutgoingRecord]) -> None:
        """Produces and waits for the acknowledgements; raises DependencyError."""


Recover = Callable[[Broker, Callable[[Sequence[OutgoingRecord]], Awaitable[None]]], Awaitable[None]]
"""Called once for each new incarnation before anything is consumed from it, with a way to emit."""

Beside = Callable[[Callable[[Sequence[OutgoingRecord]], Awaitable[None]]], Awaitable[None]]
"""Runs while an incarnation is consumed, with a way to emit, until it is cancelled; it deals with its own failures."""


@dataclass(kw_only=True, slots=True)
class Worker(Generic[E]):
    """One member of one stage. ``assign_all`` takes every partition without a group protocol (one instance only)."""

    stage: Stage[E]
    consumes: Sequence[str]
    directory: BrokerDirectory
    clients: Clients
    letters: DeadLetterStore
    metrics: WorkerMetrics
    progress: Progress
    stopping: asyncio.Event
    batch_size: int = 500
    drain_seconds: float = 10.0
    halt_after_run: int = 20
    assign_all: bool = False
    recover: Recover | None = None
    beside: Beside | None = None
    checkpoint: Checkpoint = ignore
    seal: Seal = unsealed
    _halt: HaltPolicy = field(init=False)

    def __post_init__(self) -> None:
        self._halt = HaltPolicy(self.halt_after_run)
        self.metrics.show(self.progress)

    async def run(self) -> None:
        """Works until told to stop; raises HaltedError when nearly everything fails."""
        log = structlog.get_logger("mneme.worker")
        attempt = 0
        while not self.stopping.is_set():
            try:
                broker = await self.directory.current()
                if broker is None:
                    await self._wait(1.0)
                    continue
                self.progress.incarnation = broker.incarnation
                await self._follow(broker)
                attempt = 0
            except (KafkaError, OSError, TimeoutError) as error:
                attempt += 1
                self.progress.ready = False
                log.info("cannot reach the log", attempt=attempt, error=f"{type(error).__name__}: {error}")
                await self._wait(delay(attempt))

    async def _follow(self, broker: Broker) -> None:
        abandon = asyncio.Event()
        consumer = self.clients.consumer(broker, self.stage.name, drain_seconds=self.drain_seconds)
        producer = self.clients.producer(broker)
        watch = asyncio.create_task(self._abandon_when_replaced(broker, abandon), name="broker-watch")
        try:
            await producer.start()
            if self.recover is not None:
                await self.recover(broker, lambda records: self.clients.produce(producer, records))
            await consumer.start()
            async with self._company(producer):
                await self._session(broker, consumer, producer, abandon).run()
        finally:
            self.progress.ready = False
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            await _bounded(consumer.stop(), self.drain_seconds)
            await _bounded(producer.stop(), self.drain_seconds)

    @contextlib.asynccontextmanager
    async def _company(self, producer: AIOKafkaProducer) -> AsyncIterator[None]:
        if self.beside is None:
            yield
            return
        task = asyncio.ensure_future(self.beside(lambda records: self.clients.produce(producer, records)))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _session(
        self, broker: Broker, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, abandon: asyncio.Event
    ) -> Session[E]:
        lane = Lane(
            stage=self.stage,
            produce=lambda records: self.clients.produce(producer, records),
            letters=self.letters,
            halt=self._halt,
            patience=Patience(abandon, self.progress.waiting),
            metrics=self.metrics,
            checkpoint=self.checkpoint,
            seal=self.seal,
        )
        return Session(
            lane=lane,
            incarnation=broker.incarnation,
            topics=[self.clients.topics.of(topic) for topic in self.consumes],
            names=self.clients.topics,
            consumer=consumer,
            producer=producer,
            progress=self.progress,
            stopping=self.stopping,
            abandon=abandon,
            batch_size=self.batch_size,
            drain_seconds=self.drain_seconds,
            assign_all=self.assign_all,
        )

    async def _abandon_when_replaced(self, broker: Broker, abandon: asyncio.Event) -> None:
        while True:
            try:
                current = await self.directory.current()
                if current is not None and current.incarnation != broker.incarnation:
                    abandon.set()
                    return
                await self.directory.changed(current, within=60.0)
            except Exception as error:  # noqa: BLE001  (the database is away: ask again)
                structlog.get_logger("mneme.worker").debug("broker directory away", error=str(error))
                await asyncio.sleep(1.0)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


async def _bounded(closing: Awaitable[None], seconds: float) -> None:
    try:
        await asyncio.wait_for(closing, seconds)
    except (KafkaError, OSError, TimeoutError) as error:
        structlog.get_logger("mneme.worker").info("client not closed cleanly", error=type(error).__name__)
