"""The same stack on a Kafka and a PostgreSQL that somebody else runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.stacks import StackProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.kafka
def test_with_a_kafka_and_a_database_of_its_own_it_starts_neither(
    home: Path, free_port: int, kafka: Broker, topic_prefix: str, empty_database: MnemeDatabase
) -> None:
    with StackProcess(home, free_port, **kafka.settings(topic_prefix), **empty_database.settings()) as stack:
        stack.start()
        status = stack.record("Ada keeps bees.").status_code
        own = stack.children("tansu") + stack.children("bin/postgres")
        assert (status, stack.find("bees")[0], own) == (201, "Ada keeps bees.", [])
