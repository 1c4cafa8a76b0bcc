"""The embedded broker and its topics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from mneme_common.contracts.topics import COMMANDS, TopicNames, all_topic_names
from mneme_common.testing.addresses import listening
from mneme_common.testing.waiting import eventually
from mneme_launcher.errors import StackError
from mneme_launcher.tansu import TansuBroker
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker


@pytest.fixture
def own_broker() -> Iterator[TansuBroker]:
    broker = TansuBroker()
    broker.start()
    yield broker
    broker.stop()


async def _partitions(bootstrap: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    finally:
        await admin.close()


def test_every_start_takes_another_port(own_broker: TansuBroker) -> None:
    before = own_broker.bootstrap
    own_broker.kill()
    own_broker.start()
    assert own_broker.bootstrap != before


def test_a_killed_broker_is_known_to_be_gone(own_broker: TansuBroker) -> None:
    port = int(own_broker.bootstrap.split(":")[1])
    own_broker.kill()
    assert (own_broker.is_running(), own_broker.rss_bytes(), listening(port)) == (False, 0, False)


def test_a_running_broker_is_weighed(own_broker: TansuBroker) -> None:
    assert 1 << 20 < own_broker.rss_bytes() < 256 << 20


async def test_a_new_broker_has_nothing_of_the_one_before(own_broker: TansuBroker) -> None:
    await create_topics(own_broker.bootstrap, 2)
    own_broker.stop()
    own_broker.start()
    assert await _partitions(own_broker.bootstrap) == {}


async def test_every_topic_of_the_contracts_is_created(broker: Broker, topic_prefix: str) -> None:
    await create_topics(broker.bootstrap, 3, names=TopicNames(topic_prefix))
    found = await _partitions(broker.bootstrap)
    assert {name: found[topic_prefix + name] for name in all_topic_names()} == {
        name: 1 if name.endswith(".dlq") else 3 for name in all_topic_names()
    }


async def test_topics_that_are_there_keep_their_partitions(broker: Broker, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic_prefix + COMMANDS, 5, 1)])
    await admin.close()
    await create_topics(broker.bootstrap, 3, names=TopicNames(topic_prefix))

    async def listed() -> int | None:
        return (await _partitions(broker.bootstrap)).get(topic_prefix + COMMANDS)

    assert await eventually(listed) == 5


async def test_a_broker_out_of_reach_is_named(free_port: int) -> None:
    with pytest.raises(StackError, match=f"127.0.0.1:{free_port}"):
        await create_topics(f"127.0.0.1:{free_port}", 3)
