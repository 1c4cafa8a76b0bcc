"""Records that are produced together are on the log as the standard partitioner places them, each user's in order."""

from __future__ import annotations

from collections import defaultdict

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from mneme_common.adapters.kafka import KafkaClients
from mneme_common.contracts.broker import Broker as LogBroker
from mneme_common.contracts.envelope import OutgoingRecord, key_of
from mneme_common.settings.kafka import KafkaSettings
from mneme_common.testing.topic_setup import create_topics
from tests.fixtures.brokers import Broker

_PARTITIONS = 3
_LARGE = b"x" * 20_000  # thirteen fill a batch


async def test_records_of_many_users_keep_each_users_order_and_partition(tansu: Broker, topic_prefix: str) -> None:
    topic = f"{topic_prefix}order"
    await create_topics(tansu.bootstrap, [topic], partitions=_PARTITIONS)
    clients = KafkaClients(KafkaSettings(kafka_topic_prefix=topic_prefix, kafka_bootstrap=tansu.bootstrap))
    sent = [_record(number, _LARGE if number % 2 else b"x") for number in range(120)]
    producer = clients.producer(LogBroker(incarnation="x", bootstrap=tansu.bootstrap, embedded=True))
    await producer.start()
    try:
        await clients.produce(producer, sent)
    finally:
        await producer.stop()
    found = await _read(tansu.bootstrap, topic, len(sent))
    for key, records in found.items():
        expected = DefaultPartitioner()(key, list(range(_PARTITIONS)), [])
        assert {partition for partition, _ in records} == {expected}
        assert [headers for _, headers in records] == [record.headers for record in sent if record.key == key]


def _record(number: int, value: bytes) -> OutgoingRecord:
    return OutgoingRecord("order", key_of("acme", f"user{number % 7}"), value, (("number", str(number).encode()),))


async def _read(bootstrap: str, topic: str, count: int) -> dict[bytes, list[tuple[int, tuple[tuple[str, bytes], ...]]]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    found: dict[bytes, list[tuple[int, tuple[tuple[str, bytes], ...]]]] = defaultdict(list)
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(_PARTITIONS)])
        for _ in range(count):
            record = await consumer.getone()
            found[record.key or b""].append((record.partition, tuple(record.headers)))
    finally:
        await consumer.stop()
    return dict(found)
