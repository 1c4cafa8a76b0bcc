"""A resolver that is killed, paused or fed poison: nothing lost, nothing twice, nobody else disturbed."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from mneme_common.contracts.envelope import OutgoingRecord, key_of
from mneme_common.contracts.topics import CHANGES, COMMANDS, TURNS, TopicNames, dead_letter_topic
from mneme_common.runtime.stage import Step
from mneme_common.testing.waiting import eventually
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import TENANT, Rows, command, producing, said
from tests.fixtures.processes import Processes

PARTITIONS = 4
USERS = ("ann", "bob", "cy")
MESSAGES = 30


async def everything_on(bootstrap: str, topic: str) -> list[tuple[bytes | None, dict[str, str], bytes | None]]:
    """All records of a topic: key, headers, value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, index) for index in range(PARTITIONS)])
        found = []
        while batch := await consumer.getmany(timeout_ms=700):
            for records in batch.values():
                found += [
                    (r.key, {name: value.decode(errors="replace") for name, value in r.headers}, r.value)
                    for r in records
                ]
        return found
    finally:
        await consumer.stop()


async def conversation(broker: Broker, prefix: str) -> list[OutgoingRecord]:
    """Topics, and the commands of a small conversation, produced."""
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(prefix))
    commands = [command(said(f"message {index}"), user=USERS[index % len(USERS)]) for index in range(MESSAGES)]
    async with producing(broker.bootstrap, prefix) as produce:
        await produce(commands)
    return commands


def environment(broker: Broker, prefix: str, database: MnemeDatabase, **more: str) -> dict[str, str]:
    """What a resolver needs to know; Tansu's groups are slow to form, so one member takes all there."""
    assignment = {"MNEME_KAFKA_ASSIGNMENT": "all" if broker.kind == "tansu" else "group"}
    return broker.settings(prefix) | database.settings() | assignment | more


@pytest.mark.parametrize("step", list(Step))
async def test_a_resolver_killed_at_any_step_loses_and_repeats_nothing(
    step: Step, broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """Between apply, commit, emit, mark and offset commit (guarantee 2)."""
    commands = await conversation(broker, topic_prefix)
    settings = environment(broker, topic_prefix, database)
    killed = processes.killed_at("resolver", step, settings)
    assert await asyncio.to_thread(killed.wait, 30.0) == -signal.SIGKILL, processes.logs()
    processes.service("resolver", settings)
    rows = Rows(database)
    await eventually(
        lambda: rows.value("SELECT coalesce(sum(emitted_seq), 0) FROM heads") == MESSAGES,
        within=40,
        message="everything is applied and marked",
    )
    assert rows.value("SELECT count(*) FROM messages") == MESSAGES
    assert rows.value("SELECT count(*) FROM ledger") == MESSAGES
    assert rows.value("SELECT count(DISTINCT (user_id, seq)) FROM ledger") == MESSAGES
    changes = await everything_on(broker.bootstrap, topic_prefix + CHANGES)
    recorded = Counter(headers["ce_id"] for _, headers, _ in changes)
    assert len(recorded) == len(commands), "each message is announced, under one id however often"


async def test_poison_is_buried_alone_and_its_neighbours_are_applied(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """Malformed JSON, a bad header, a wrong schema: each lands among the dead letters with its reason and bytes."""
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    good = [command(said(f"good {index}")) for index in range(6)]
    bad = [
        OutgoingRecord(COMMANDS, good[0].key, b"{not json", good[0].headers),
        OutgoingRecord(COMMANDS, good[0].key, good[0].value, (("ce_id", b"\xff\xfe"),)),
        OutgoingRecord(COMMANDS, good[0].key, b'{"role": "user"}', command(said("x")).headers),
        OutgoingRecord(TURNS, key_of(TENANT, "ann"), b'{"tenant": "other", "user": "ann"}', ()),
    ]
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce([*good[:3], *bad, *good[3:]])
    processes.service("resolver", environment(broker, topic_prefix, database))
    rows = Rows(database)
    await eventually(
        lambda: (
            rows.value("SELECT count(*) FROM messages") == len(good)
            and rows.value("SELECT count(*) FROM dead_letters") == len(bad)
        ),
        within=40,
    )
    letters = rows.all('SELECT * FROM dead_letters ORDER BY topic, "offset"')
    assert {letter["reason"] for letter in letters} == {"invalid_event"}
    assert bytes(letters[0]["value"]) == b"{not json"
    mirrored = await everything_on(broker.bootstrap, topic_prefix + dead_letter_topic(COMMANDS, "resolver"))
    assert [headers["dlq_reason"] for _, headers, _ in mirrored] == ["invalid_event"] * 3


async def test_a_bare_turn_and_a_cloud_event_turn_are_recorded_once_each(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """What direct producers send, sent twice by one of them, with what is private in it."""
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    key = key_of(TENANT, "ann")
    bare = {"tenant": TENANT, "user": "ann", "role": "user", "content": "mail me at ann@example.com"}
    typed = {"conversation_id": "c1", "role": "user", "content": "typed"}
    headers = tuple({"ce_id": b"1", "ce_type": b"turn", "ce_source": b"crm", "ce_specversion": b"1.0"}.items())
    turns = [
        OutgoingRecord(TURNS, key, json.dumps(bare).encode(), ()),
        OutgoingRecord(TURNS, key, json.dumps(typed).encode(), headers),
        OutgoingRecord(TURNS, key, json.dumps(typed).encode(), headers),
    ]
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce(turns)
    processes.service("resolver", environment(broker, topic_prefix, database))
    rows = Rows(database)
    await eventually(lambda: rows.value("SELECT count(*) FROM messages") == 2, within=40)
    contents = {row["content"] for row in rows.all("SELECT content FROM messages")}
    assert contents == {"mail me at [email]", "typed"}


async def test_a_resolver_paused_until_its_partitions_have_moved_writes_nothing_wrong(
    kafka: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """A zombie: stopped inside its transaction, replaced, then continued (guarantee 3)."""
    await conversation(kafka, topic_prefix)
    settings = environment(kafka, topic_prefix, database)
    zombie = processes.paused_at("resolver", Step.APPLIED, settings)
    await eventually(zombie.is_paused, within=30)
    processes.service("resolver", settings)
    rows = Rows(database)
    await eventually(lambda: rows.value("SELECT count(*) FROM messages") == MESSAGES, within=60)
    zombie.signal(signal.SIGCONT)
    async with producing(kafka.bootstrap, topic_prefix) as produce:
        await produce([command(said("afterwards"), user=user) for user in USERS])
    await eventually(lambda: rows.value("SELECT count(*) FROM messages") == MESSAGES + len(USERS), within=60)
    assert rows.value("SELECT count(*) FROM ledger") == MESSAGES + len(USERS)
    assert rows.value("SELECT count(DISTINCT event_id) FROM messages") == MESSAGES + len(USERS)
