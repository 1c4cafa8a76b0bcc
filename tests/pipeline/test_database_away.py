"""A database that is away for a minute: everything waits, nothing is buried, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mneme_common.contracts.topics import TopicNames
from mneme_common.testing.addresses import free_port as unused_port
from mneme_common.testing.waiting import eventually
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster, MnemeDatabase
from tests.fixtures.pipeline import Rows, command, producing, said
from tests.fixtures.processes import Processes

MESSAGES = 40
ATTEMPTS_OF_A_MINUTE = 8
"""Each attempt waits five seconds for a connection, then a growing delay of up to five: eight take about a minute."""


@pytest.fixture
def server(home: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone."""
    own = PostgresServer(home / "postgres")
    own.start()
    yield own
    own.stop()


@pytest.fixture
def own_database(server: PostgresServer) -> Iterator[MnemeDatabase]:
    """A migrated database on it."""
    cluster = Cluster(server)
    cluster.provision()
    with cluster.copy() as made:
        yield made
        server.start()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_database_away_for_a_minute_buries_nothing(
    server: PostgresServer, own_database: MnemeDatabase, tansu: Broker, topic_prefix: str, processes: Processes
) -> None:
    """The resolver keeps its place, says that it is not ready, and applies everything when the database is back."""
    await create_topics(tansu.bootstrap, 4, names=TopicNames(topic_prefix))
    port = unused_port()
    settings = tansu.settings(topic_prefix) | own_database.settings()
    settings |= {"MNEME_WORKER_PORT": str(port), "MNEME_KAFKA_ASSIGNMENT": "all"}
    processes.service("resolver", settings)
    async with producing(tansu.bootstrap, topic_prefix) as produce, httpx.AsyncClient() as client:

        async def ready(wanted: int) -> bool:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/healthz/ready")).status_code == wanted
            except httpx.TransportError:
                return False

        async def attempts() -> float:
            metrics = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            found = re.search(r'mneme_retries_total\{cause="dependency",stage="resolver"\} (\S+)', metrics)
            return float(found.group(1)) if found else 0.0

        await eventually(lambda: ready(200), within=30)
        server.kill()
        await produce([command(said(f"message {number}")) for number in range(MESSAGES)])

        async def waited() -> bool:
            return await attempts() >= ATTEMPTS_OF_A_MINUTE

        await eventually(waited, within=150, every=0.5)
        assert await ready(503)
        server.start()
        rows = Rows(own_database)
        await eventually(lambda: rows.value("SELECT count(*) FROM messages") == MESSAGES, within=60)
        assert rows.value("SELECT count(*) FROM dead_letters") == 0
        await eventually(lambda: ready(200), within=30)
