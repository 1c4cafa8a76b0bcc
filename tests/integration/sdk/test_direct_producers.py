"""The examples of direct producers, run as their headers say: both put a user's turns where Java's client would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from mneme_common.contracts.codec import decode, parse_json
from mneme_common.contracts.command_types import TURN_TYPES
from mneme_common.contracts.commands import Turn
from mneme_common.contracts.envelope import from_headers, parse_key
from mneme_common.testing.topic_setup import create_topics
from tests.fixtures.brokers import Broker

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PARTITIONS = 12
# Where Utils.murmur2 of Java's kafka-clients 4.1.1 puts the key, modulo 12.
JAVA = {"ada": 3, "bob": 5, "conv-26": 1, "x@y.z": 11}

Produce = Callable[[str, dict[str, str]], str]


def _python(user: str, environment: dict[str, str]) -> str:
    return _run([sys.executable, str(EXAMPLES / "produce_turns.py"), "acme", user], environment, EXAMPLES)


def _javascript(user: str, environment: dict[str, str]) -> str:
    return _run(["node", "produce_turns.mjs", "acme", user], environment, EXAMPLES / "javascript")


def _run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def javascript() -> Produce:
    """The example in JavaScript, with its client installed; skipped where there is no Node.js."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no Node.js with npm")
    _run(["npm", "ci", "--no-audit", "--no-fund"], {}, EXAMPLES / "javascript")
    return _javascript


@pytest.fixture(params=["python", "javascript"])
def produce(request: pytest.FixtureRequest) -> Produce:
    """Each test runs for both languages."""
    if request.param == "python":
        return _python
    found: Produce = request.getfixturevalue("javascript")
    return found


@pytest.fixture
async def environment(broker: Broker, topic_prefix: str) -> dict[str, str]:
    """What points an example at a broker, on which the topic exists."""
    await create_topics(broker.bootstrap, [f"{topic_prefix}memory.turns.v1"], partitions=PARTITIONS)
    return broker.settings(topic_prefix)


async def _turns(environment: dict[str, str], partition: int, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    topic = environment["MNEME_KAFKA_TOPIC_PREFIX"] + "memory.turns.v1"
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(bootstrap_servers=environment["MNEME_KAFKA_BOOTSTRAP"], auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        return [await consumer.getone(place) for _ in range(count)]
    finally:
        await consumer.stop()


async def test_every_users_turns_are_where_java_would_put_them(environment: dict[str, str], produce: Produce) -> None:
    said = [produce(user, environment) for user in JAVA]
    assert said == [f"3 turns of acme/{user} sent to partition {place}" for user, place in JAVA.items()]


async def test_what_is_sent_is_what_the_resolver_reads(environment: dict[str, str], produce: Produce) -> None:
    produce("ada", environment)
    read = []
    for record in await _turns(environment, JAVA["ada"], 3):
        attributes = from_headers(tuple(record.headers))
        assert attributes is not None
        turn = decode(TURN_TYPES, attributes.type, attributes.version, parse_json(record.value))
        assert isinstance(turn, Turn)
        read.append((parse_key(record.key), attributes.id, turn.role, turn.name))
    acme = ("acme", "ada")
    assert read == [
        (acme, "ada-t-1", "user", "Ada"),
        (acme, "ada-t-2", "assistant", "Mneme"),
        (acme, "ada-t-3", "user", "Ada"),
    ]
