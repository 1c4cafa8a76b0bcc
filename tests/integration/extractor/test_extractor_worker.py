"""The extractor as a process, on a real broker and a real database."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.topics import CHANGES, TopicNames
from mneme_common.runtime.stage import Step
from mneme_common.testing.openai_server import Answer, OpenAIServer
from mneme_common.testing.waiting import eventually
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows, command, producing, said
from tests.fixtures.processes import Processes
from tests.integration.extractor.log import PARTITIONS, change, environment, proposed, write_messages
from tests.unit.extractor.speech import recorded

_SAID = ("I live in Berlin.", "Nice weather today.", "I love tea.", "I no longer live in Berlin.")


async def _given(
    broker: Broker, prefix: str, database: MnemeDatabase, messages: Sequence[MessageRecorded], *poison: OutgoingRecord
) -> None:
    """Topics, rows, and the changes, with the poison in the middle."""
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(prefix))
    pool = Database(database.writer_url, name="test", size=2)
    await pool.open()
    await write_messages(pool, messages)
    await pool.close()
    changes = [change(message) for message in messages]
    half = len(changes) // 2
    async with producing(broker.bootstrap, prefix) as produce:
        await produce([*changes[:half], *poison, *changes[half:]])


async def test_a_recorded_message_in_gives_one_command_out(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    messages = [recorded(content, number=number) for number, content in enumerate(_SAID, start=1)]
    await _given(broker, topic_prefix, database, messages)
    processes.service("extractor", environment(broker, topic_prefix, database))

    async def complete() -> list[Any] | None:
        commands = await proposed(broker, topic_prefix)
        return commands if len(commands) >= len(messages) else None

    commands = await eventually(complete, within=90, message="a command for each message")
    found = {command.source_event_id: [proposal.content for proposal in command.proposals] for command in commands}
    assert len(commands) == len(messages)
    assert [found[message.event_id] for message in messages] == [
        ["The user lives in Berlin."],
        [],
        ["The user loves tea."],
        ["The user no longer lives in Berlin."],
    ]
    assert {command.extractor for command in commands} == {"rules-2"}


async def test_poison_in_the_middle_is_buried_alone(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    messages = [recorded(content, number=number) for number, content in enumerate(_SAID, start=1)]
    good = change(messages[0])
    poison = [
        OutgoingRecord(CHANGES, good.key, b"{not json", good.headers),
        OutgoingRecord(CHANGES, good.key, b'{"content": "no ids"}', good.headers),
        OutgoingRecord(CHANGES, b"no slash", good.value, good.headers),
    ]
    await _given(broker, topic_prefix, database, messages, *poison)
    processes.service("extractor", environment(broker, topic_prefix, database))
    rows = Rows(database)

    async def complete() -> bool:
        buried = rows.value("SELECT count(*) FROM dead_letters")
        return buried == len(poison) and len(await proposed(broker, topic_prefix)) == len(messages)

    await eventually(complete, within=90, message="three letters and a command for each message")
    letters = rows.all("SELECT stage, reason FROM dead_letters")
    assert {(letter["stage"], letter["reason"]) for letter in letters} == {("extractor", "invalid_event")}


async def test_a_message_whose_answer_stays_unusable_is_buried_and_its_neighbours_are_extracted(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    messages = [recorded(f"message {number}", number=number) for number in range(1, 6)]
    await _given(tansu, topic_prefix, database, messages)
    server = OpenAIServer(
        lambda body: "nonsense" if "message 3" in json.dumps(body["messages"]) else '{"memories": []}'
    )
    async with server.running():
        model = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-test-0123456789"}
        worker = processes.service("extractor", environment(tansu, topic_prefix, database, **model))
        rows = Rows(database)
        await eventually(lambda: rows.value("SELECT count(*) FROM dead_letters") == 1, within=90)
        commands = await proposed(tansu, topic_prefix)
    (letter,) = rows.all("SELECT reason, detail, value FROM dead_letters")
    assert letter["reason"] == "invalid_model_output"
    assert b"message 3" in bytes(letter["value"])
    assert rows.value("SELECT count(*) FROM messages") == len(messages), "what was said stays stored"
    assert Counter(command.source_event_id for command in commands) == Counter(
        message.event_id for message in messages if message.content != "message 3"
    )
    assert {command.model for command in commands} == {"gpt-4o-mini-scripted"}
    assert "sk-test" not in worker.log.read_text()


async def test_a_model_that_is_away_buries_nothing_and_is_waited_for(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    messages = [recorded(f"message {number}", number=number) for number in range(1, 4)]
    await _given(tansu, topic_prefix, database, messages)
    server = OpenAIServer()
    server.script.extend([Answer('{"memories": []}')])
    async with server.running():
        away = server.base_url
    model = {"MNEME_EXTRACTOR": "openai", "OPENAI_BASE_URL": away, "MNEME_LLM_ATTEMPTS": "1"}
    worker = processes.service("extractor", environment(tansu, topic_prefix, database, **model))
    await eventually(lambda: "waiting for a dependency" in worker.log.read_text(), within=90)
    rows = Rows(database)
    assert rows.value("SELECT count(*) FROM dead_letters") == 0
    assert await proposed(tansu, topic_prefix) == []
    assert await asyncio.to_thread(worker.stop) == 0, worker.log.read_text()


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.APPLIED])
async def test_an_extractor_killed_at_any_step_loses_and_repeats_nothing(
    step: Step, tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """With a resolver behind it: each message is extracted once, each fact is one memory. It commits nothing itself."""
    await create_topics(tansu.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    contents = [f"I love hobby{index}." for index in range(20)]
    async with producing(tansu.bootstrap, topic_prefix) as produce:
        await produce([command(said(content), user=f"user{index % 5}") for index, content in enumerate(contents)])
    settings = environment(tansu, topic_prefix, database)
    processes.service("resolver", settings)
    killed = processes.killed_at("extractor", step, settings)
    assert await asyncio.to_thread(killed.wait, 60.0) == -signal.SIGKILL, processes.logs()
    processes.service("extractor", settings)
    rows = Rows(database)
    await eventually(
        lambda: rows.value("SELECT count(*) FROM extractions") == len(contents), within=90, message="all extracted"
    )
    memories = rows.all("SELECT user_id, content, version FROM memories WHERE to_seq IS NULL")
    assert sorted(memory["content"] for memory in memories) == sorted(
        f"The user loves {content.removeprefix('I love ')}" for content in contents
    )
    assert {memory["version"] for memory in memories} == {1}
    assert rows.value("SELECT count(*) FROM dead_letters") == 0


async def test_what_is_corrected_is_updated_and_what_is_to_be_forgotten_is_gone(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """Through the whole pipeline, in the order of the conversation."""
    contents = ["I live in Berlin.", "I'm allergic to nuts.", "I moved to Munich.", "Forget that I'm allergic to nuts."]
    await create_topics(tansu.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    async with producing(tansu.bootstrap, topic_prefix) as produce:
        await produce([command(said(content)) for content in contents])
    settings = environment(tansu, topic_prefix, database)
    processes.service("resolver", settings)
    processes.service("extractor", settings)
    rows = Rows(database)
    await eventually(lambda: rows.value("SELECT count(*) FROM extractions") == len(contents), within=90)
    current = rows.all("SELECT content, version FROM memories WHERE to_seq IS NULL AND NOT tombstone")
    assert current == [{"content": "The user lives in Munich.", "version": 2}]
    ended = rows.all("SELECT memory_class FROM memories WHERE tombstone")
    assert [row["memory_class"] for row in ended] == ["profile_fact"]
