"""The register of erasures as a compacted topic: the last record of a user stays for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from mneme_common.adapters.kafka import KafkaClients
from mneme_common.contracts.broker import Broker
from mneme_common.contracts.codec import decode, encode, parse_json
from mneme_common.contracts.envelope import Attributes, InvalidEventError
from mneme_common.contracts.erasures import ERASURE_TYPES, SubjectErased, latest
from mneme_common.contracts.topics import ERASURES
from mneme_common.domain.failures import DependencyError

_TYPE = "subject.erased"
_SOURCE = "mneme/resolver"
_POLL_MS = 500


class ErasureTopic:
    """A client for each question: there are few of them."""

    def __init__(self, clients: KafkaClients, broker: Broker) -> None:
        self._clients = clients
        self._broker = broker
        self._topic = clients.topics.of(ERASURES)

    @property
    def name(self) -> str:
        """The topic."""
        return f"topic {ERASURES}"

    async def record(self, erasure: SubjectErased) -> None:
        """Produces it, acknowledged by all replicas."""
        attributes = Attributes(id=erasure.request_id.hex, type=_TYPE, source=_SOURCE, time=datetime.now(UTC))
        record = encode(ERASURES, erasure.tenant_id, erasure.user_id, attributes, erasure)
        producer = self._clients.producer(self._broker)
        try:
            await producer.start()
            await self._clients.produce(producer, [record])
        except (KafkaError, OSError) as error:
            raise DependencyError(f"the register of erasures is away: {type(error).__name__}") from error
        finally:
            await producer.stop()

    async def erasures(self) -> Sequence[SubjectErased]:
        """Reads the topic from its beginning to its present end; no topic is nobody."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._broker.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            **self._clients.security(),
        )
        try:
            await consumer.start()
            if self._topic not in await consumer.topics():
                return []
            return latest([_erasure(value) for value in await self._values(consumer)])
        except (KafkaError, OSError, InvalidEventError) as error:
            raise DependencyError(f"the register of erasures cannot be read: {type(error).__name__}") from error
        finally:
            await consumer.stop()

    async def _values(self, consumer: AIOKafkaConsumer) -> list[bytes | None]:
        # Without a group every partition is this consumer's.
        consumer.subscribe([self._topic])
        values: list[bytes | None] = []
        while not (places := consumer.assignment()):
            await consumer.getmany(timeout_ms=_POLL_MS)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                values += [record.value for record in records]
        return values


def _erasure(value: bytes | None) -> SubjectErased:
    data = decode(ERASURE_TYPES, _TYPE, 1, parse_json(value))
    if not isinstance(data, SubjectErased):
        raise InvalidEventError("the register holds erasures")
    return data
