"""Consuming jobs: one member of a group on the jobs topic, which follows the log from incarnation to incarnation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import LogicSubscriber

from mneme_common.contracts.broker import Broker, BrokerDirectory
from mneme_common.contracts.dead_letters import DeadLetterStore
from mneme_common.contracts.jobs import JobRows, job_record
from mneme_common.contracts.topics import JOBS
from mneme_common.domain.failures import DependencyError
from mneme_common.runtime.failure_policy import delay
from mneme_common.runtime.job_delivery import JobDelivery, JobHandler
from mneme_common.runtime.job_subscription import Reception, subscribe_jobs
from mneme_common.runtime.lane import Patience
from mneme_common.runtime.stage import Checkpoint, ignore
from mneme_common.runtime.worker import Clients
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress


class JobClients(Clients, Protocol):
    """Kafka clients, and FastStream over them."""

    def faststream(self, broker: Broker, *, drain_seconds: float) -> KafkaBroker:
        """A broker that only consumes."""


@dataclass(kw_only=True, slots=True)
class JobsConsumer:
    """``group`` is the stage's, or one beside it where the stage consumes other topics in its own; metrics name it.

    With ``publishes`` it also tells the log, every ``publish_every`` seconds, of jobs that it may lack: those never
    published, those of an earlier incarnation, those whose worker died.
    """

    stage: str
    group: str
    handlers: Mapping[str, JobHandler]
    rows: JobRows
    directory: BrokerDirectory
    clients: JobClients
    letters: DeadLetterStore
    metrics: WorkerMetrics
    progress: Progress
    stopping: asyncio.Event
    drain_seconds: float = 10.0
    fetch_max_wait_ms: int = 250
    session_timeout_ms: int = 6_000
    assign_all: bool = False
    publishes: bool = False
    publish_every: float = 1.0
    checkpoint: Checkpoint = ignore

    def __post_init__(self) -> None:
        if self.group == self.stage:
            self.metrics.show(self.progress)

    async def run(self) -> None:
        """Works until told to stop; what fails here is tried again, since nobody else would."""
        log = structlog.get_logger("mneme.jobs")
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
            except (KafkaError, DependencyError, psycopg.Error, OSError, TimeoutError) as error:
                attempt += 1
                log.info("cannot consume jobs", attempt=attempt, error=f"{type(error).__name__}: {error}")
                await self._wait(delay(attempt))
            except Exception:
                attempt += 1
                log.exception("consuming jobs failed", attempt=attempt)
                await self._wait(delay(attempt))

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Runs while the block does, and drains after it."""
        task = asyncio.create_task(self.run(), name="jobs")
        try:
            yield
        finally:
            if self.stopping.is_set():
                await asyncio.wait({task}, timeout=3 * self.drain_seconds)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, broker: Broker) -> None:
        """Consumes one incarnation until it is replaced or the process stops."""
        abandon = asyncio.Event()
        producer = self.clients.producer(broker)
        kafka = self.clients.faststream(broker, drain_seconds=self.drain_seconds)
        reception = self._reception(broker, producer, abandon)
        try:
            await producer.start()
            subscriber = await self._subscribe(kafka, broker, producer, reception)
            await kafka.start()
            self.progress.ready = True
            await self._until_over(broker, producer, subscriber)
            if self.stopping.is_set():
                await reception.drained(self.drain_seconds)
        finally:
            self.progress.ready = False
            abandon.set()
            for closing in (kafka.stop(), producer.stop()):
                with contextlib.suppress(KafkaError, OSError, TimeoutError):
                    await asyncio.wait_for(closing, self.drain_seconds)

    def _reception(self, broker: Broker, producer: AIOKafkaProducer, abandon: asyncio.Event) -> Reception:
        delivery = JobDelivery(
            stage=self.stage,
            handlers=self.handlers,
            rows=self.rows,
            letters=self.letters,
            emit=lambda records: self.clients.produce(producer, records),
            patience=Patience(abandon, self.progress.waiting),
            checkpoint=self.checkpoint,
        )
        return Reception(
            delivery=delivery,
            group=self.group,
            incarnation=broker.incarnation,
            names=self.clients.topics,
            abandon=abandon,
            metrics=self.metrics,
            progress=self.progress,
        )

    async def _subscribe(
        self, kafka: KafkaBroker, broker: Broker, producer: AIOKafkaProducer, reception: Reception
    ) -> LogicSubscriber[Any]:
        topic = self.clients.topics.of(JOBS)
        return subscribe_jobs(
            kafka,
            reception.receive,
            topic=topic,
            group=self.clients.topics.prefix + broker.group(self.group),
            partitions=sorted(await producer.partitions_for(topic)) if self.assign_all else (),
            fetch_max_wait_ms=self.fetch_max_wait_ms,
            session_timeout_ms=self.session_timeout_ms,
        )

    async def _until_over(self, broker: Broker, producer: AIOKafkaProducer, subscriber: LogicSubscriber[Any]) -> None:
        """Returns when the process stops or another incarnation has begun."""
        known: Broker | None = broker
        while not self.stopping.is_set():
            await self._measure(subscriber)
            try:
                if self.publishes and known is not None and known.accepting:
                    await self._publish(broker, producer)
                await self._look_out(known)
                known = await self.directory.current()
            except psycopg.Error as error:
                structlog.get_logger("mneme.jobs").info("database away", error=type(error).__name__)
                await self._wait(1.0)
            if known is not None and known.incarnation != broker.incarnation:
                return

    async def _look_out(self, known: Broker | None) -> None:
        """Waits a while for a change of the log or the end of the process."""
        changed = asyncio.create_task(self.directory.changed(known, self.publish_every), name="broker-watch")
        stopped = asyncio.create_task(self.stopping.wait(), name="stop-watch")
        try:
            await asyncio.wait({changed, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if changed.done():
                changed.result()
        finally:
            changed.cancel()
            stopped.cancel()

    async def _publish(self, broker: Broker, producer: AIOKafkaProducer) -> None:
        jobs = await self.rows.to_publish(broker.incarnation)
        if jobs:
            source, now = f"mneme/{self.stage}", datetime.now(UTC)
            await self.clients.produce(producer, [job_record(job, source=source, time=now) for job in jobs])

    async def _measure(self, subscriber: LogicSubscriber[Any]) -> None:
        consumer, lag = subscriber.consumer, 0
        if consumer is not None:
            for partition in consumer.assignment():
                end = consumer.highwater(partition)
                lag += 0 if end is None else max(0, end - await consumer.position(partition))
        self.progress.lag = lag
        self.metrics.lag.labels(self.group).set(lag)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
