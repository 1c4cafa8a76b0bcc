"""The jobs topic as FastStream consumes it, with the acknowledgement in our hands.

The ack policy is MANUAL and one message is in hand at a time: by default FastStream acknowledges before the work; its
other policies acknowledge what failed, or come back to it for ever; its ``ack()`` commits the position, which is this
message's only while nothing else is in hand; and it swallows every exception of a handler, after which the next
message's acknowledgement covers the one that failed. So the handler lets none out but the end of its task.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker, TopicPartition
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.subscriber.usecase import LogicSubscriber
from faststream.message import StreamMessage
from faststream.middlewares import AckPolicy

from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.topics import TopicNames
from mneme_common.runtime.lane import AbandonedError
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress

_ACKNOWLEDGE_SECONDS = 10.0
_LONGEST_JOB_MS = 6 * 3600 * 1000
"""Nothing is polled while a job is in hand; its row tells the others that it is being worked on."""

Parse = Callable[[ConsumerRecord[Any, Any]], Awaitable[StreamMessage[Any]]]


class Delivery(Protocol):
    """Works on a record."""

    async def deliver(self, record: Record) -> str:
        """What became of it: applied, skipped or buried; raises AbandonedError when it is to come again."""


@dataclass(kw_only=True, slots=True)
class Reception:
    """Hands each message to the delivery and acknowledges it afterwards."""

    delivery: Delivery
    group: str
    incarnation: str
    names: TopicNames
    abandon: asyncio.Event
    metrics: WorkerMetrics
    progress: Progress
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._idle.set()

    async def receive(self, message: KafkaMessage) -> None:
        """FastStream's handler."""
        if self.abandon.is_set():
            return
        self._idle.clear()
        try:
            record = _record(message.raw_message, self.incarnation, self.names)
            self.progress.begin(record.timestamp_ms)
            outcome = await self._deliver(record)
            if outcome is not None:
                await self._acknowledge(message)
                self.metrics.records.labels(self.group, outcome).inc()
                self.progress.end(1)
        finally:
            self._idle.set()

    async def drained(self, within: float) -> None:
        """Gives the job in hand so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), within)

    async def _deliver(self, record: Record) -> str | None:
        try:
            return await self.delivery.deliver(record)
        except AbandonedError:
            return None
        except Exception:  # noqa: BLE001  (a fault of ours: the row is not settled, so the job comes again)
            structlog.get_logger("mneme.jobs").exception("delivery failed", topic=record.topic, offset=record.offset)
            return "skipped"

    async def _acknowledge(self, message: KafkaMessage) -> None:
        try:
            await asyncio.wait_for(message.ack(), _ACKNOWLEDGE_SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # The record comes again and finds its job done.
            structlog.get_logger("mneme.jobs").info("offset not committed", error=type(error).__name__)


def subscribe_jobs(
    kafka: KafkaBroker,
    receive: Callable[[KafkaMessage], Awaitable[None]],
    *,
    topic: str,
    group: str,
    partitions: Sequence[int] = (),
    fetch_max_wait_ms: int = 500,
    session_timeout_ms: int = 6_000,
) -> LogicSubscriber[Any]:
    """Registers the handler; with ``partitions`` these are taken, without any the group's protocol assigns them."""
    subscriber = kafka.subscriber(
        *([] if partitions else [topic]),
        partitions=[TopicPartition(topic, index) for index in partitions],
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        fetch_max_wait_ms=fetch_max_wait_ms,
        session_timeout_ms=session_timeout_ms,
        heartbeat_interval_ms=max(100, session_timeout_ms // 6),
        max_poll_interval_ms=_LONGEST_JOB_MS,
        parser=_parse_without_headers,
        decoder=_body,
        no_reply=True,
    )
    subscriber(receive)
    return subscriber


async def _parse_without_headers(record: ConsumerRecord[Any, Any], parse: Parse) -> StreamMessage[Any]:
    """FastStream reads headers as UTF-8 and loses the message where they are not; we read them ourselves."""
    message = await parse(replace(record, headers=()))
    message.raw_message = record
    return message


async def _body(message: StreamMessage[Any]) -> object:
    return message.body


def _record(raw: Any, incarnation: str, names: TopicNames) -> Record:
    return Record(
        incarnation=incarnation,
        topic=names.plain(raw.topic),
        partition=raw.partition,
        offset=raw.offset,
        timestamp_ms=raw.timestamp,
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
    )
