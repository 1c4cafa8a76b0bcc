"""The log around an extractor: rows as the resolver writes them, changes in, commands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from mneme_common.adapters.postgres import Database, insert_rows
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import ProposeMemories
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import CHANGES, COMMANDS
from mneme_common.domain.identifiers import digest
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase

PARTITIONS = 4
TENANT, USER = "acme", "ann"


def change(message: MessageRecorded, *, user: str = USER, tenant: str = TENANT) -> OutgoingRecord:
    """The change as the resolver emits it."""
    attributes = Attributes(
        id=UUID(bytes=digest("test change", message.event_id.bytes)[:16]).hex,
        type="message.recorded",
        source="mneme/resolver",
        time=datetime.now(UTC),
    )
    return encode(CHANGES, tenant, user, attributes, message)


async def write_messages(
    pool: Database, messages: Sequence[MessageRecorded], *, user: str = USER, tenant: str = TENANT
) -> None:
    """Their rows."""
    moment = datetime.now(UTC)
    rows = [
        {
            "tenant_id": tenant,
            "user_id": user,
            "message_id": message.message_id,
            "revision": message.revision,
            "conversation_id": message.conversation_id,
            "role": message.role,
            "content": message.content,
            "metadata": {},
            "importance_score": 0.5,
            "archived": False,
            "occurred_at": message.occurred_at,
            "created_at": moment,
            "updated_at": moment,
            "event_id": message.event_id,
            "from_seq": message.position,
        }
        for message in messages
    ]
    async with pool.transaction([tenant]) as connection:
        await insert_rows(connection, "messages", rows)


async def proposed(broker: Broker, prefix: str) -> list[ProposeMemories]:
    """What was read so far and what was found in it, in the order of the log's partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(prefix + COMMANDS, index) for index in range(PARTITIONS)])
        found: list[ProposeMemories] = []
        while batch := await consumer.getmany(timeout_ms=700):
            for records in batch.values():
                found += [data for record in records for data in _readings(dict(record.headers), record.value)]
        return found
    finally:
        await consumer.stop()


def _readings(headers: Mapping[str, bytes], value: bytes | None) -> list[ProposeMemories]:
    """What a command says of each revision; a note says of several that nothing was found."""
    body = orjson.loads(value or b"")
    if headers["ce_type"] == b"extractions.noted":
        return [ProposeMemories.model_validate(body | revision) for revision in body["revisions"]]
    return [ProposeMemories.model_validate(body)] if headers["ce_type"] == b"memories.proposed" else []


def environment(broker: Broker, prefix: str, database: MnemeDatabase, **more: str) -> dict[str, str]:
    """What a worker needs to know; Tansu's groups are slow to form, so one member takes all there."""
    assignment = {"MNEME_KAFKA_ASSIGNMENT": "all" if broker.kind == "tansu" else "group"}
    return broker.settings(prefix) | database.settings() | assignment | more
