"""A Kafka keeps what it acknowledged; what it did not acknowledge is not claimed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from mneme_common.adapters.kafka import KafkaClients
from mneme_common.contracts.broker import KAFKA_INCARNATION, Broker
from mneme_common.contracts.envelope import from_headers, parse_key
from mneme_common.contracts.topics import COMMANDS
from mneme_common.settings.kafka import KafkaSettings
from mneme_common.testing.addresses import free_port
from mneme_common.testing.kafka_source import OwnKafka
from mneme_common.testing.topic_setup import create_topics
from mneme_common.testing.waiting import eventually
from mneme_gateway.errors import ApiError
from mneme_gateway.writing.kafka_publisher import KafkaPublisher
from tests.fixtures import brokers
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.processes import Processes
from tests.integration.gateway.embedded_log import said
from tests.integration.gateway.person import Person
from tests.integration.gateway.running_gateway import Pipeline


@asynccontextmanager
async def _publisher(bootstrap: str, topic_prefix: str = "") -> AsyncIterator[KafkaPublisher]:
    settings = KafkaSettings(kafka_bootstrap=bootstrap, kafka_topic_prefix=topic_prefix)
    publisher = KafkaPublisher(Broker(bootstrap, KAFKA_INCARNATION), KafkaClients(settings))
    running = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        running.cancel()
        await asyncio.wait([running])
        await publisher.close()


async def test_without_a_kafka_a_write_is_refused_at_once() -> None:
    async with _publisher(f"127.0.0.1:{free_port()}") as publisher:
        with pytest.raises(ApiError) as refusal:
            await publisher.publish([said("ann", "x")])
    assert (refusal.value.status_code, refusal.value.code) == (503, "SERVICE_UNAVAILABLE")
    assert not publisher.publishing


@pytest.mark.kafka
async def test_an_event_is_on_kafka_under_its_user_when_it_is_accepted(
    kafka: brokers.Broker, topic_prefix: str
) -> None:
    await create_topics(kafka.bootstrap, [topic_prefix + COMMANDS], partitions=4)
    event = said("ann", "Hello.")
    async with _publisher(kafka.bootstrap, topic_prefix) as publisher:
        await eventually(lambda: publisher.publishing)
        await publisher.publish([event])
    (record,) = await _records(kafka.bootstrap, topic_prefix + COMMANDS)
    attributes = from_headers(tuple(record.headers))
    assert parse_key(record.key) == ("acme", "ann")
    assert attributes is not None
    assert (attributes.id, attributes.type) == (event.event_id.hex, "message.record")
    assert attributes.request_hash == event.request_hash


@pytest.mark.kafka
async def test_a_kafka_that_dies_leaves_the_outcome_unknown_and_is_found_again(killable_kafka: OwnKafka) -> None:
    await create_topics(killable_kafka.bootstrap, [COMMANDS], partitions=4)
    async with _publisher(killable_kafka.bootstrap) as publisher:
        await eventually(lambda: publisher.publishing, within=20)
        await publisher.publish([said("ann", "before")])
        killable_kafka.kill()
        with pytest.raises(ApiError) as refusal:
            await publisher.publish([said("ann", "during")])
        assert (refusal.value.status_code, refusal.value.code) == (503, "OUTCOME_UNKNOWN")
        assert "Idempotency-Key" in (refusal.value.hint or "")

        await asyncio.to_thread(killable_kafka.start)
        await eventually(lambda: publisher.publishing, within=30)
        await publisher.publish([said("ann", "after")])
    contents = [record.value or b"" for record in await _records(killable_kafka.bootstrap, COMMANDS)]
    assert any(b"before" in content for content in contents)
    assert any(b"after" in content for content in contents)


@pytest.mark.kafka
def test_a_write_over_http_goes_through_kafka_to_the_ledger_and_back(
    kafka: brokers.Broker, database: MnemeDatabase, topic_prefix: str, processes: Processes
) -> None:
    pipeline = Pipeline(database, processes, topic_prefix)
    pipeline.announce_broker(kafka.bootstrap)
    through_kafka = kafka.settings(topic_prefix) | {"MNEME_KAFKA_ASSIGNMENT": "group", "MNEME_WRITE_WAIT": "30"}
    pipeline.worker("resolver", **through_kafka)
    gateway = pipeline.gateway(through_kafka)

    async def is_ready(client: httpx.AsyncClient) -> bool:
        return (await client.get("/healthz/ready")).status_code == 200

    async def write_twice() -> None:
        async with gateway.client() as client:
            await eventually(partial(is_ready, client), within=60)
            person = Person(client, "ann")
            key = {"Idempotency-Key": uuid4().hex}
            body = {"role": "user", "content": "Hello."}
            first, second = [await person.post("/v1/messages", body, key) for _ in range(2)]
            assert (first.status_code, second.json()) == (201, first.json()), first.text

    asyncio.run(write_twice())


async def _records(bootstrap: str, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, index) for index in range(4)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
        return found
    finally:
        await consumer.stop()
