"""The embedded broker as tests replace it, gateways' publishers on it, and what is on the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from mneme_common.adapters.broker_directory import EmbeddedBrokers
from mneme_common.adapters.kafka import KafkaClients
from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import RecordMessage
from mneme_common.contracts.topics import COMMANDS
from mneme_common.domain.vocabulary import Role
from mneme_common.settings.kafka import KafkaSettings
from mneme_gateway.auth.caller import Scope
from mneme_gateway.writing.embedded_publisher import EmbeddedPublisher
from mneme_gateway.writing.events import Attempt, Event, Write, make_event
from mneme_gateway.writing.journal import Journal
from mneme_launcher.incarnation import Incarnation, IncarnationRegistry
from mneme_launcher.tansu import TansuBroker
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.databases import MnemeDatabase

_PARTITIONS = 4
_ATTEMPT = Attempt("messages.record", None, "00-" + "1" * 32 + "-" + "2" * 16 + "-01", 0.0)


def said(user: str, content: str, tenant: str = "acme") -> Event:
    """A command as the gateway makes it."""
    data = RecordMessage(conversation_id="c", role=Role.USER, content=content)
    return make_event(_ATTEMPT, Write(Scope(tenant, user), "message.record", data, {"content": content}))


@dataclass(slots=True)
class EmbeddedLog:
    """A broker that forgets at its end, and the directory in which its starts are announced."""

    database: MnemeDatabase
    broker: TansuBroker
    incarnation: Incarnation | None = None

    @property
    def registry(self) -> IncarnationRegistry:
        """The directory, as its writer sees it."""
        return IncarnationRegistry(self.database.writer_url)

    async def start(self) -> Incarnation:
        """An empty broker, announced."""
        await asyncio.to_thread(self.broker.start)
        await create_topics(self.broker.bootstrap, _PARTITIONS)
        self.incarnation = self.registry.announce(self.broker.bootstrap, _PARTITIONS)
        self.registry.open(self.incarnation)
        return self.incarnation

    def kill(self) -> None:
        """Ends the broker and says so."""
        self.broker.kill()
        self.registry.close_all()

    async def contents(self) -> list[str]:
        """The contents of all messages on the log; in order within a user."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker.bootstrap, fetch_max_wait_ms=10)
        await consumer.start()
        try:
            partitions = [TopicPartition(COMMANDS, index) for index in range(_PARTITIONS)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(partitions)
            found: list[str] = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [RecordMessage.model_validate_json(record.value or b"").content for record in records]
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def publisher(self, *, sweep_seconds: float = 30.0) -> AsyncIterator[EmbeddedPublisher]:
        """A publisher of one more gateway."""
        database = Database(self.database.reader_url, name="gateway", size=4)
        await database.open()
        directory = EmbeddedBrokers(database)
        publisher = EmbeddedPublisher(
            Journal(database, uuid4()), directory, KafkaClients(KafkaSettings()), sweep_seconds=sweep_seconds
        )
        tasks = [asyncio.create_task(publisher.run()), asyncio.create_task(directory.listen())]
        try:
            yield publisher
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await publisher.close()
            await database.close()

    def journal_without_publishing(self, gateway: UUID, events: Sequence[Event]) -> asyncio.Task[None]:
        """What a gateway does that journals and dies before it publishes."""

        async def append() -> None:
            database = Database(self.database.reader_url, name="gateway", size=1)
            await database.open()
            try:
                await Journal(database, gateway).append(events)
            finally:
                await database.close()

        return asyncio.create_task(append())
