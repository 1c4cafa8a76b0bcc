"""Both brokers carry records to a consumer group; a real Kafka keeps them over a crash."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from mneme_common.testing.kafka_source import OwnKafka
from mneme_common.testing.topic_setup import create_topics
from mneme_common.testing.waiting import eventually
from tests.fixtures.brokers import Broker


async def _send(bootstrap: str, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"acme/ada")


async def _receive(bootstrap: str, topic: str, count: int) -> list[bytes]:
    values: list[bytes] = []
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=f"{topic}.readers",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
    )

    async def enough() -> bool:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            values.extend(record.value or b"" for record in records)
        return len(values) >= count

    async with consumer:
        await eventually(enough, within=30, every=0, message=f"{count} records of {topic}")
    return values


async def test_records_come_back_in_the_order_sent(broker: Broker, topic_prefix: str) -> None:
    topic = f"{topic_prefix}turns"
    await create_topics(broker.bootstrap, [topic], partitions=4)
    sent = [f"turn {number}".encode() for number in range(50)]
    await _send(broker.bootstrap, topic, sent)
    assert await _receive(broker.bootstrap, topic, len(sent)) == sent


@pytest.mark.kafka
async def test_killed_kafka_keeps_what_it_acknowledged(killable_kafka: OwnKafka) -> None:
    await create_topics(killable_kafka.bootstrap, ["turns"], partitions=1)
    await _send(killable_kafka.bootstrap, "turns", [b"one", b"two"])
    killable_kafka.kill()
    killable_kafka.start()
    assert await _receive(killable_kafka.bootstrap, "turns", 2) == [b"one", b"two"]


@pytest.mark.kafka
async def test_paused_kafka_answers_nothing_until_resumed(killable_kafka: OwnKafka) -> None:
    await create_topics(killable_kafka.bootstrap, ["turns"], partitions=1)
    async with AIOKafkaProducer(bootstrap_servers=killable_kafka.bootstrap) as producer:
        await producer.send_and_wait("turns", b"one")
        killable_kafka.pause()
        pending = await producer.send("turns", b"two")
        with pytest.raises(AssertionError, match="acknowledged"):
            await eventually(pending.done, within=0.5, message="acknowledged")
        killable_kafka.resume()
        await eventually(pending.done, message="acknowledged after the pause")
