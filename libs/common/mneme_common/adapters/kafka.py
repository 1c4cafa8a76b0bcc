"""aiokafka: producers and consumers as Mneme uses them (settings that measurements.md found to work)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from ssl import SSLContext
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from mneme_common.contracts.broker import Broker
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.topics import TopicNames
from mneme_common.domain.failures import DependencyError
from mneme_common.settings.kafka import KafkaSettings

PRODUCE_TIMEOUT_MS = 10_000


class KafkaClients:
    """Makes clients for the broker of the moment."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self.topics = TopicNames(settings.kafka_topic_prefix)

    def producer(self, broker: Broker, *, linger_ms: int = 0) -> AIOKafkaProducer:
        """Acknowledged by all replicas; idempotent where the broker can (the embedded one cannot)."""
        return AIOKafkaProducer(
            bootstrap_servers=broker.bootstrap,
            acks="all",
            enable_idempotence=self._settings.kafka_idempotence and not broker.embedded,
            linger_ms=linger_ms,
            max_batch_size=262_144,
            max_request_size=16_777_216,
            request_timeout_ms=PRODUCE_TIMEOUT_MS,
            **self.security(),
        )

    def consumer(self, broker: Broker, stage: str, *, drain_seconds: float) -> AIOKafkaConsumer:
        """A member of the stage's group that commits by hand and starts at the earliest record."""
        settings = self._settings
        return AIOKafkaConsumer(
            bootstrap_servers=broker.bootstrap,
            group_id=self.topics.prefix + broker.group(stage),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=max(100, settings.kafka_session_timeout_ms // 6),
            rebalance_timeout_ms=int(drain_seconds * 2_000) + 10_000,
            max_poll_interval_ms=300_000,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            max_partition_fetch_bytes=4_194_304,
            **self.security(),
        )

    async def produce(self, producer: AIOKafkaProducer, records: Sequence[OutgoingRecord]) -> None:
        """Produces in order and waits until every record is acknowledged; raises DependencyError when one is not."""
        try:
            batches = await self._batches(producer, records)
            sent = [await producer.send_batch(batch, topic, partition=place) for topic, place, batch in batches]
            await asyncio.gather(*sent)
        except (KafkaError, OSError) as error:
            raise DependencyError(f"the broker did not acknowledge: {type(error).__name__}") from error

    async def _batches(
        self, producer: AIOKafkaProducer, records: Sequence[OutgoingRecord]
    ) -> list[tuple[str, int, BatchBuilder]]:
        """The records by topic and partition, in order; sent one by one, each would cost a future and two look-ups."""
        batches: list[tuple[str, int, BatchBuilder]] = []
        filling: dict[tuple[str, int], BatchBuilder] = {}
        for topic in dict.fromkeys(record.topic for record in records):
            name = self.topics.of(topic)
            partitions = sorted(await producer.partitions_for(name))
            for record in records:
                if record.topic != topic:
                    continue
                place = name, partitions[_hash(record.key) % len(partitions)]
                batch = filling.get(place)
                if batch is None or not _append(batch, record):
                    batch = filling[place] = producer.create_batch()
                    _append(batch, record)
                    batches.append((*place, batch))
        return batches

    def security(self) -> dict[str, Any]:
        """The options with which every client of aiokafka shows who it is."""
        settings = self._settings
        options: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
        if settings.kafka_security_protocol.endswith("SSL"):
            options["ssl_context"] = self._ssl_context()
        if settings.kafka_security_protocol.startswith("SASL"):
            password = settings.kafka_sasl_password
            options["sasl_mechanism"] = settings.kafka_sasl_mechanism
            options["sasl_plain_username"] = settings.kafka_sasl_username
            options["sasl_plain_password"] = password.get_secret_value() if password else None
        return options

    def _ssl_context(self) -> SSLContext:
        settings = self._settings
        context = create_ssl_context(
            cafile=settings.kafka_ssl_cafile,
            certfile=settings.kafka_ssl_certfile,
            keyfile=settings.kafka_ssl_keyfile,
        )
        assert isinstance(context, SSLContext)  # noqa: S101  (aiokafka is untyped)
        return context


@lru_cache(maxsize=10_000)
def _hash(key: bytes) -> int:
    """By which Kafka's clients choose a record's partition."""
    return int(murmur2(key)) & 0x7FFFFFFF


def _append(batch: BatchBuilder, record: OutgoingRecord) -> bool:
    """Whether the batch had room; an empty one has, whatever the record's size."""
    added = batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return added is not None
