"""The jobs topic through FastStream, whose defaults and conveniences lose messages (in memory)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from faststream.middlewares import AckPolicy
from prometheus_client import CollectorRegistry

from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.topics import JOBS, TopicNames
from mneme_common.runtime.job_subscription import Reception, subscribe_jobs
from mneme_common.runtime.lane import AbandonedError
from mneme_common.telemetry.metrics import WorkerMetrics
from mneme_common.telemetry.progress import Progress


@dataclass
class Recorded:
    """A delivery that keeps what it is given."""

    records: list[Record] = field(default_factory=list)
    failure: Exception | None = None

    async def deliver(self, record: Record) -> str:
        self.records.append(record)
        if self.failure is not None:
            raise self.failure
        return "applied"


@dataclass
class Bench:
    """A reception behind FastStream's own broker in memory."""

    delivery: Recorded = field(default_factory=Recorded)
    progress: Progress = field(default_factory=lambda: Progress("retention"))
    abandon: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[KafkaBroker]:
        """A broker whose messages are handled while they are published."""
        kafka = KafkaBroker()
        reception = Reception(
            delivery=self.delivery,
            group="retention",
            incarnation="one",
            names=TopicNames("p."),
            abandon=self.abandon,
            metrics=WorkerMetrics("retention", CollectorRegistry()),
            progress=self.progress,
        )
        subscribe_jobs(kafka, reception.receive, topic=f"p.{JOBS}", group="retention")
        async with TestKafkaBroker(kafka) as started:
            yield started

    async def publish(self, value: bytes, headers: dict[str, str] | None = None) -> None:
        """One message, from its publication to its end."""
        async with self.broker() as kafka:
            await kafka.publish(value, f"p.{JOBS}", key=b"acme/system", headers=headers)


async def test_a_message_reaches_the_delivery_with_its_bytes_key_and_headers() -> None:
    bench = Bench()
    await bench.publish(b'{"job_id": "x"}', {"ce_type": "retention.run"})
    (record,) = bench.delivery.records
    assert (record.topic, record.key, record.value) == (JOBS, b"acme/system", b'{"job_id": "x"}')
    assert ("ce_type", b"retention.run") in record.headers
    assert bench.progress.processed == 1


@pytest.mark.parametrize("value", [b"{broken", b"\xff\xfe", b"", b"[1]"])
async def test_a_malformed_message_reaches_the_delivery_too(value: bytes) -> None:
    """FastStream's decoding would have dropped it with a line in the log."""
    bench = Bench()
    await bench.publish(value)
    assert [record.value for record in bench.delivery.records] == [value]


async def test_an_abandoned_message_is_not_acknowledged() -> None:
    bench = Bench(Recorded(failure=AbandonedError()))
    await bench.publish(b"{}")
    assert bench.progress.processed == 0


async def test_after_the_abandonment_nothing_more_is_taken_in_hand() -> None:
    """Acknowledging a later message would cover the abandoned one."""
    bench = Bench()
    bench.abandon.set()
    await bench.publish(b"{}")
    assert bench.delivery.records == []


@pytest.mark.usefixtures("expects_errors")
async def test_a_fault_of_the_delivery_does_not_leave_the_handler() -> None:
    bench = Bench(Recorded(failure=RuntimeError("bug")))
    await bench.publish(b"{}")
    assert bench.progress.processed == 1


def test_the_ack_policy_is_set_and_nothing_is_committed_automatically() -> None:
    async def receive(_message: object) -> None: ...

    subscriber = subscribe_jobs(KafkaBroker(), receive, topic=JOBS, group="retention")
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert subscriber._connection_args["enable_auto_commit"] is False
    assert subscriber._connection_args["auto_offset_reset"] == "earliest"


def test_partitions_are_taken_as_given_where_one_member_reads_all() -> None:
    async def receive(_message: object) -> None: ...

    subscriber = subscribe_jobs(KafkaBroker(), receive, topic=JOBS, group="retention", partitions=[0, 1, 2])
    assert subscriber.topics == []
    assert [partition.partition for partition in subscriber.partitions] == [0, 1, 2]
