"""Publishing to a Kafka, which keeps what it acknowledged: no journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from mneme_common.contracts.broker import Broker
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.domain.failures import DependencyError
from mneme_gateway.errors import unavailable
from mneme_gateway.ports import Clients
from mneme_gateway.writing.events import Event
from mneme_gateway.writing.retired_producers import RetiredProducers

_ACKNOWLEDGE_SECONDS = 10.0
_RETRY_SECONDS = 0.5
_CLOSE_SECONDS = 5.0


class KafkaPublisher:
    """Requests produce side by side through one producer, which is replaced after a failure."""

    def __init__(self, broker: Broker, clients: Clients) -> None:
        self._broker = broker
        self._clients = clients
        self._producer: AIOKafkaProducer | None = None
        self._failed = asyncio.Event()
        self._retired = RetiredProducers()

    @property
    def publishing(self) -> bool:
        """Whether the log could be reached when it was last tried."""
        return self._producer is not None

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when all replicas have the events; raises ApiError 503 otherwise."""
        try:
            await self._produce([event.record for event in events])
        except DependencyError:
            raise unavailable(
                "The log did not acknowledge the write; whether it was written is not known.",
                code="OUTCOME_UNKNOWN",
                hint="Send it again with the same Idempotency-Key.",
            ) from None

    async def redrive(self, records: Sequence[OutgoingRecord]) -> None:
        """Returns when all replicas have the records; raises ApiError 503 otherwise."""
        try:
            await self._produce(records)
        except DependencyError:
            raise unavailable("The log did not acknowledge the records; send them again.") from None

    async def _produce(self, records: Sequence[OutgoingRecord]) -> None:
        """Gives up after a while, which an idempotent producer never does; then the next write finds another one."""
        producer = self._producer
        if producer is None:
            raise unavailable("The log cannot be reached; nothing was written.")
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_SECONDS):
                await self._clients.produce(producer, records)
        except (DependencyError, TimeoutError) as error:
            if producer is self._producer:
                self._failed.set()
            raise DependencyError("the log did not acknowledge") from error

    async def run(self) -> None:
        """Keeps a producer until cancelled. One that failed is given up; it delivers what it still can and closes."""
        log = structlog.get_logger("mneme.gateway")
        while True:
            producer = self._clients.producer(self._broker)
            try:
                await producer.start()
                self._producer = producer
                await self._failed.wait()
                log.warning("the log did not acknowledge")
            except (KafkaError, OSError) as error:
                log.info("the log cannot be reached", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self._producer = None
                self._failed.clear()
                self._retired.retire(producer)

    async def close(self) -> None:
        """Flushes what is on its way, within a few seconds."""
        await self._retired.drain(_CLOSE_SECONDS)
