"""Consuming from one incarnation of the log: poll, run lanes, commit exact offsets.

Lane = partition indexes: their topics in sequence, lanes in parallel. A rebalance waits for the batch in hand, bounded;
if it does not wait long enough, the database (head rows, ledger) keeps the late writer from doing harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.topics import TopicNames
from mneme_common.runtime.lane import AbandonedError, Lane
from mneme_common.runtime.pace import FetchWait, lanes_of
from mneme_common.runtime.stage import Step
from mneme_common.telemetry.progress import Progress

E = TypeVar("E")
_POLL_MS = 1_000
_KEEP_ALIVE_SECONDS = 15.0
_COMMIT_SECONDS = 10.0
_COMMIT_EVERY_SECONDS = 0.5
"""Offsets only spare a successor work, since what is delivered again changes nothing: a commit a batch is too many."""

_NOTHING = TopicPartition("-", 0)
"""Polling this partition yields nothing and tells the group that the member lives."""

Fetched = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]


@dataclass(kw_only=True, slots=True)
class Session(Generic[E]):
    """One member's life on one incarnation. ``topics`` are the cluster's names, in the order of a lane."""

    lane: Lane[E]
    incarnation: str
    topics: Sequence[str]
    names: TopicNames
    consumer: AIOKafkaConsumer
    producer: AIOKafkaProducer
    progress: Progress
    stopping: asyncio.Event
    abandon: asyncio.Event
    batch_size: int
    drain_seconds: float
    assign_all: bool
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _generation: int = 0
    _done: dict[TopicPartition, int] = field(default_factory=dict)
    _committed_at: float = 0.0

    async def run(self) -> None:
        """Consumes until the process stops or the log is replaced; raises HaltedError."""
        self._idle.set()
        await self._join()
        wait = FetchWait(_fetch_wait(self.consumer))
        self.progress.ready = True
        while not self.stopping.is_set() and not self.abandon.is_set():
            fetched = await self._poll()
            _set_fetch_wait(self.consumer, wait.polled(len(fetched)))
            await self._measure(sum(map(len, fetched.values())))
            if fetched:
                await self._process(fetched)
            if self._done and self._until_commit() <= 0:
                await self._commit()
        if not self.abandon.is_set():
            await self._commit()

    async def _join(self) -> None:
        if not self.assign_all:
            self.consumer.subscribe(self.topics, listener=_Rebalance(self))
            return
        partitions = [
            TopicPartition(topic, index) for topic in self.topics for index in await self.producer.partitions_for(topic)
        ]
        self.consumer.assign(partitions)

    async def _poll(self) -> Fetched:
        """One fetch; never cancelled, since that would leak aiokafka's count of fetches in hand."""
        limit = max(1, round(self._until_commit() * 1000)) if self._done else _POLL_MS
        fetched: Fetched = await self.consumer.getmany(timeout_ms=limit, max_records=self.batch_size)
        return fetched

    def _until_commit(self) -> float:
        return self._committed_at + _COMMIT_EVERY_SECONDS - time.monotonic()

    async def _process(self, fetched: Fetched) -> None:
        started = time.monotonic()
        generation = self._generation
        self._idle.clear()
        try:
            records = self._records(fetched)
            self.progress.begin(min(record.timestamp_ms for record in records))
            await self._run_lanes(records)
            if generation == self._generation:
                self._done |= {partition: batch[-1].offset + 1 for partition, batch in fetched.items()}
        except AbandonedError:
            return
        finally:
            self._idle.set()
        await self._measure(0)
        self.progress.end(len(records))
        self.lane.metrics.batch_seconds.labels(self.lane.stage.name).observe(time.monotonic() - started)
        self.lane.metrics.batch_size.labels(self.lane.stage.name).observe(len(records))

    async def _run_lanes(self, records: Sequence[Record]) -> None:
        drain = asyncio.create_task(self._abandon_after_drain(), name="drain")
        tasks = [asyncio.create_task(self.lane.run(batch), name="lane") for batch in lanes_of(records)]
        try:
            await self._await_lanes(tasks)
        finally:
            await _cancelled([drain, *tasks])

    async def _await_lanes(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        pending = set(tasks)
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=_KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
            if pending:
                await self.consumer.getmany(_NOTHING, timeout_ms=0)

    async def _abandon_after_drain(self) -> None:
        """A stop lets the lanes in hand finish for so long; then they are dropped, to be delivered again."""
        await self.stopping.wait()
        await asyncio.sleep(self.drain_seconds)
        self.abandon.set()

    async def _commit(self) -> None:
        """Commits what is done on the partitions that are still ours."""
        owned = self.consumer.assignment()
        offsets = {partition: offset for partition, offset in self._done.items() if partition in owned}
        self._done, self._committed_at = {}, time.monotonic()
        if not offsets:
            return
        try:
            await asyncio.wait_for(self.consumer.commit(offsets), _COMMIT_SECONDS)
            await self.lane.checkpoint(Step.OFFSETS_COMMITTED)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # The records come again, and change nothing the second time.
            structlog.get_logger("mneme.worker").info("offsets not committed", error=type(error).__name__)

    def _records(self, fetched: Fetched) -> list[Record]:
        place = {topic: index for index, topic in enumerate(self.topics)}
        return [
            Record(
                incarnation=self.incarnation,
                topic=self.names.plain(partition.topic),
                partition=partition.partition,
                offset=record.offset,
                timestamp_ms=record.timestamp,
                key=record.key,
                value=record.value,
                headers=tuple(record.headers),
            )
            for partition in sorted(fetched, key=lambda partition: (place[partition.topic], partition.partition))
            for record in fetched[partition]
        ]

    async def _measure(self, in_hand: int) -> None:
        """Lag: what the broker has beyond the position, and what is in hand."""
        lag = in_hand
        for partition in self.consumer.assignment():
            end = self.consumer.highwater(partition)
            if end is not None:
                lag += max(0, end - await self.consumer.position(partition))
        self.progress.lag = lag

    async def revoked(self) -> None:
        """Waits, bounded, for the batch in hand and commits; afterwards its offsets may no longer be committed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), self.drain_seconds)
        await self._commit()
        self._generation += 1


class _Rebalance(ConsumerRebalanceListener, Generic[E]):
    """Tells the session of a rebalance."""

    def __init__(self, session: Session[E]) -> None:
        self._session = session

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        if revoked:
            await self._session.revoked()

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        self._session.progress.assigned = len(assigned)


def _fetch_wait(consumer: AIOKafkaConsumer) -> int:
    """What the consumer was made with, in milliseconds."""
    wait: int = _fetcher(consumer)._fetch_max_wait_ms  # noqa: SLF001  (see below)
    return wait


def _set_fetch_wait(consumer: AIOKafkaConsumer, wait_ms: int) -> None:
    """From the next fetch on. aiokafka takes this when a consumer is made only; each request reads it from here."""
    _fetcher(consumer)._fetch_max_wait_ms = wait_ms  # noqa: SLF001  (there is no other way)


def _fetcher(consumer: AIOKafkaConsumer) -> Any:
    return consumer._fetcher  # noqa: SLF001


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
