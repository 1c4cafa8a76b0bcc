"""PostgreSQL and the broker are brought back when they die, and the broker is replaced when it is heavy."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from aiokafka import AIOKafkaProducer

from mneme_common.contracts.topics import TURNS
from mneme_common.testing.addresses import listening
from mneme_common.testing.waiting import eventually
from mneme_launcher.broker_keeper import BrokerKeeper
from mneme_launcher.console import Console
from mneme_launcher.incarnation import IncarnationRegistry
from mneme_launcher.offspring import Offspring
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.postgres_keeper import PostgresKeeper
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.databases import Cluster, MnemeDatabase


@pytest.fixture
def offspring(tmp_path: Path) -> Offspring:
    return Offspring(tmp_path)


@asynccontextmanager
async def _kept(keeping: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(keeping)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _newest(database: MnemeDatabase) -> tuple[str, str]:
    with psycopg.connect(database.reader_url) as connection:
        row = connection.execute(
            "SELECT bootstrap, state FROM broker_incarnations ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def _listener(bootstrap: str) -> int:
    port = int(bootstrap.split(":")[1])
    address = ("127.0.0.1", port)
    found = [link.pid for link in psutil.net_connections("tcp4") if link.laddr == address and not link.raddr]
    return found[0] or 0


async def _topics(bootstrap: str) -> None:
    await create_topics(bootstrap, 2)


async def test_a_killed_postgres_is_back_at_the_same_address(home: Path, offspring: Offspring) -> None:
    server = PostgresServer(home / "postgres")
    keeper = PostgresKeeper(server, Console(io.StringIO()), offspring)
    await keeper.start()
    async with _kept(keeper.keep()):
        os.kill(server.pid or 0, signal.SIGKILL)

        async def answers() -> bool:
            with suppress(psycopg.OperationalError):
                async with await psycopg.AsyncConnection.connect(server.superuser_url()):
                    return True
            return False

        assert await eventually(answers, within=30)
    await keeper.stop()


async def test_a_killed_broker_is_followed_by_an_empty_one_with_topics(
    database: MnemeDatabase, offspring: Offspring
) -> None:
    keeper = BrokerKeeper(Console(io.StringIO()), offspring, _topics, partitions=2, limit_bytes=1 << 40)
    registry = IncarnationRegistry(database.writer_url)
    await keeper.start()
    await keeper.publish(registry)
    first = _newest(database)
    async with _kept(keeper.keep(registry)):
        os.kill(_listener(first[0]), signal.SIGKILL)
        second = await eventually(lambda: _newest(database) if _newest(database)[0] != first[0] else None)
        second = await eventually(lambda: _newest(database) if _newest(database)[1] == "ready" else None)
        producer = AIOKafkaProducer(bootstrap_servers=second[0])
        await producer.start()
        sent = await producer.send_and_wait(TURNS, b"text")
        await producer.stop()
    await keeper.stop()
    assert (first[1], second[1], sent.offset) == ("ready", "ready", 0)


async def test_a_heavy_broker_is_replaced_once_the_stages_are_level(
    database: MnemeDatabase, offspring: Offspring
) -> None:
    shown = io.StringIO()
    keeper = BrokerKeeper(Console(shown), offspring, _topics, partitions=2, limit_bytes=1 << 20)
    registry = IncarnationRegistry(database.writer_url)
    await keeper.start()
    await keeper.publish(registry)
    first = _newest(database)

    async def report_level() -> bool:
        with psycopg.connect(database.writer_url) as connection:
            connection.execute(
                "INSERT INTO workers SELECT stage, 'one', true, 0, 0, 0, 0, 0, NULL, incarnation, '{}', now(), now()"
                " FROM broker_incarnations, unnest(ARRAY['resolver', 'extractor', 'embedder']) AS stage"
                " WHERE state = 'draining' ON CONFLICT (stage, instance) DO UPDATE SET updated_at = now()"
            )
        return _newest(database)[0] != first[0] and _newest(database)[1] == "ready"

    async with _kept(keeper.keep(registry)):
        await eventually(lambda: _newest(database) == (first[0], "draining"))
        await eventually(report_level)
    await keeper.stop()
    assert "replacing it" in shown.getvalue()


async def test_stopping_in_the_midst_of_a_replacement_leaves_no_broker(
    database: MnemeDatabase, offspring: Offspring
) -> None:
    keeper = BrokerKeeper(Console(io.StringIO()), offspring, _topics, partitions=2, limit_bytes=1)
    registry = IncarnationRegistry(database.writer_url)
    await keeper.start()
    await keeper.publish(registry)
    first = _newest(database)[0]
    async with _kept(keeper.keep(registry)):
        await eventually(lambda: _newest(database)[1] == "draining")
    await keeper.stop()
    with pytest.raises(IndexError):
        _listener(first)


async def test_a_broker_that_died_while_the_database_was_away_is_announced_when_it_is_back(
    killable_cluster: Cluster, offspring: Offspring
) -> None:
    with killable_cluster.copy() as database:
        keeper = BrokerKeeper(Console(io.StringIO()), offspring, _topics, partitions=2, limit_bytes=1 << 40)
        registry = IncarnationRegistry(database.writer_url)
        await keeper.start()
        await keeper.publish(registry)
        first = _newest(database)[0]
        async with _kept(keeper.keep(registry)):
            killable_cluster.server.kill()
            os.kill(_listener(first), signal.SIGKILL)
            await eventually(lambda: not listening(int(first.split(":")[1])))
            killable_cluster.server.start()
            await eventually(lambda: _newest(database)[0] != first and _newest(database)[1] == "ready", within=30)
        await keeper.stop()
