"""The embedder as a process: changes from a real broker, vectors in a real database."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from mneme_common.contracts.codec import encode
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.topics import CHANGES, TopicNames
from mneme_common.domain.identifiers import point_id
from mneme_common.domain.records import Memory, Message
from mneme_common.domain.vector_indexes import WORDLLAMA_NAME
from mneme_common.runtime.stage import Step
from mneme_common.testing.waiting import eventually
from mneme_embedder.decide.targets import IndexableEvent
from mneme_launcher.topic_setup import create_topics
from tests.contract.embeddings.openai_server import good_answer
from tests.contract.scripted_http import Reply, Request, scripted_server
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows, producing
from tests.fixtures.processes import Processes
from tests.integration.embedder.rows import memory, message, write, writer
from tests.unit.embedder.fakes import changed, memory_changed, recorded

PARTITIONS = 4
USERS = ("ada", "grace", "joan")
MESSAGES = 40


def environment(broker: Broker, prefix: str, database: MnemeDatabase, **more: str) -> dict[str, str]:
    """What an embedder needs to know; Tansu's groups are slow to form, so one member takes all there."""
    assignment = {"MNEME_KAFKA_ASSIGNMENT": "all" if broker.kind == "tansu" else "group"}
    return broker.settings(prefix) | database.settings() | assignment | more


def outgoing(events: Sequence[IndexableEvent]) -> list[OutgoingRecord]:
    """The events as the resolver emits them."""
    return [encode(CHANGES, event.tenant_id, event.user_id, event.attributes, event.data) for event in events]


def history() -> tuple[list[Message | Memory], list[IndexableEvent]]:
    """Rows of a small history and the changes that announce them: every fourth message is revised, every fifth ends."""
    rows: list[Message | Memory] = []
    events = []
    for number in range(MESSAGES):
        user, message_id, position = USERS[number % 3], UUID(int=number + 1), 10 * number + 1
        revised, ended = number % 4 == 0, number % 5 == 0
        first_end = position + 1 if revised else position + 2 if ended else None
        text = f"message number {number}"
        rows.append(message(message_id, text, user_id=user, from_seq=position, to_seq=first_end))
        events.append(recorded(message_id, text, user_id=user, position=position))
        if revised:
            end, last = (position + 2 if ended else None), f"{text}, revised"
            rows.append(message(message_id, last, revision=2, user_id=user, from_seq=position + 1, to_seq=end))
            events.append(changed(message_id, "updated", user_id=user, position=position + 1))
            events.append(recorded(message_id, last, revision=2, user_id=user, position=position + 1))
        if ended:
            revision = 2 if revised else 1
            events.append(changed(message_id, "deleted", revision=revision, user_id=user, position=position + 2))
    rows.append(memory(UUID(int=999), "Ada lives in Berlin", from_seq=1_000))
    events.append(memory_changed(UUID(int=999), "Ada lives in Berlin", position=1_000))
    return rows, events


def expected(rows: Sequence[Message | Memory]) -> dict[UUID, int | None]:
    """Point → end."""
    return {
        point_id(row.message_id, row.revision) if isinstance(row, Message) else row.memory_id: row.to_seq
        for row in rows
    }


def points(rows: Rows, table: str = "vectors") -> dict[UUID, int | None]:
    """Point → end, as stored."""
    return {row["point_id"]: row["to_seq"] for row in rows.all(f"SELECT point_id, to_seq FROM {table}")}


async def announced(broker: Broker, topic: str) -> set[str]:
    """The ids of the records that ``memory.indexed`` named."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, index) for index in range(PARTITIONS)])
        found: set[str] = set()
        while batch := await consumer.getmany(timeout_ms=700):
            for record in (record for records in batch.values() for record in records):
                if (b"memory.indexed") in dict(record.headers).values():
                    found.update(json.loads(record.value or b"{}")["record_ids"])
        return found
    finally:
        await consumer.stop()


async def test_changes_on_the_log_become_vectors_and_announcements(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    rows, events = history()
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    async with writer(database) as pool:
        await write(pool, *rows)
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce(outgoing(events))
        process = processes.service("embedder", environment(broker, topic_prefix, database))
        looks = Rows(database)
        await eventually(lambda: points(looks, "indexed") == expected(rows), within=40, message="everything is indexed")
        await produce(outgoing([memory_changed(UUID(int=999), "Ada lives in Berlin", position=1_000)]))
    assert points(looks) == expected(rows)
    assert {row["model"] for row in looks.all("SELECT DISTINCT model FROM vectors")} == {WORDLLAMA_NAME}
    open_ids = {str(row.message_id) for row in rows if isinstance(row, Message) and row.to_seq is None}

    async def all_announced() -> bool:
        return await announced(broker, topic_prefix + CHANGES) >= open_ids | {str(UUID(int=999))}

    await eventually(all_announced, within=40, message="everything is announced")
    process.signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait) == 0, processes.logs()


@pytest.mark.parametrize("step", list(Step))
async def test_an_embedder_killed_at_any_step_loses_and_repeats_nothing(
    step: Step, tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """Between the vectors, their marks, the announcements and the offsets."""
    rows, events = history()
    await create_topics(tansu.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    async with writer(database) as pool:
        await write(pool, *rows)
    async with producing(tansu.bootstrap, topic_prefix) as produce:
        await produce(outgoing(events))
    settings = environment(tansu, topic_prefix, database)
    killed = processes.killed_at("embedder", step, settings)
    assert await asyncio.to_thread(killed.wait, 40.0) == -signal.SIGKILL, processes.logs()
    processes.service("embedder", settings)
    looks = Rows(database)
    await eventually(lambda: points(looks, "indexed") == expected(rows), within=40, message="everything is indexed")
    assert points(looks) == expected(rows)


async def test_what_the_log_never_carried_is_indexed_at_the_start(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    rows, _ = history()
    await create_topics(tansu.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    async with writer(database) as pool:
        await write(pool, *rows)
    processes.service("embedder", environment(tansu, topic_prefix, database))
    wanted = {key: end for key, end in expected(rows).items() if end is None}
    looks = Rows(database)
    await eventually(lambda: points(looks, "indexed") == wanted, within=40, message="the open ones are indexed")


async def test_a_model_with_another_dimension_is_refused_at_the_start(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    Rows(database).all(f"INSERT INTO embedding_models VALUES ('{WORDLLAMA_NAME}', 384) RETURNING model")
    process = processes.service("embedder", environment(tansu, topic_prefix, database))
    assert await asyncio.to_thread(process.wait, 40.0) == 1
    assert "has vectors of dimension 384 in the database, and makes 256 now" in processes.logs()


@pytest.mark.parametrize("service", ["embedder", "gateway"])
async def test_a_model_whose_vectors_are_not_stored_is_refused_at_the_start(
    service: str, tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    Rows(database).all(
        "INSERT INTO vector_indexes (model, embedder, embedding_model, state)"
        f" VALUES ('{WORDLLAMA_NAME}', 'wordllama', '{WORDLLAMA_NAME}', 'serving') RETURNING model"
    )
    other = {"MNEME_EMBEDDER": "openai", "OPENAI_API_KEY": "key", "MNEME_READER_DATABASE_URL": database.reader_url}
    process = processes.service(service, environment(tansu, topic_prefix, database, **other))
    assert await asyncio.to_thread(process.wait, 40.0) == 1
    assert "`mneme reembed start --embedder openai --model text-embedding-3-small`" in processes.logs()


async def test_a_gateway_whose_model_has_another_dimension_is_refused_at_the_start(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    Rows(database).all(f"INSERT INTO embedding_models VALUES ('{WORDLLAMA_NAME}', 384) RETURNING model")
    reader = {"MNEME_READER_DATABASE_URL": database.reader_url}
    process = processes.service("gateway", environment(tansu, topic_prefix, database, **reader))
    assert await asyncio.to_thread(process.wait, 40.0) == 1
    assert "has vectors of dimension 384 in the database, and makes 256 now" in processes.logs()


async def test_an_embedder_whose_model_is_away_waits_and_buries_nothing(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    rows, events = history()
    await create_topics(tansu.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    async with writer(database) as pool:
        await write(pool, *rows)
    async with producing(tansu.bootstrap, topic_prefix) as produce:
        await produce(outgoing(events))
    away = True

    def script(request: Request) -> Reply:
        return Reply(503, b"{}", {"Retry-After": "0.01"}) if away else good_answer(request)

    async with scripted_server(script) as server:
        model = {"MNEME_EMBEDDER": "openai", "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "key"}
        processes.service("embedder", environment(tansu, topic_prefix, database, **model))
        looks = Rows(database)
        await eventually(
            lambda: [r for r in looks.all("SELECT ready FROM workers") if not r["ready"]] and server.requests,
            within=40,
            message="it waits for its model, and says so: " + processes.logs(),
        )
        assert points(looks) == {}
        away = False
        await eventually(lambda: points(looks, "indexed") == expected(rows), within=40, message="all is indexed")
    assert looks.value("SELECT count(*) FROM dead_letters") == 0
    cached = looks.value("SELECT count(*) FROM embedding_cache")
    assert cached == len({row.content for row in rows})
