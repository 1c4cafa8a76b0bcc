"""What the machine allows, measured in the same run: the bare insert, the bare commit, the bare record."""

from __future__ import annotations

import asyncio
import time

import psycopg
from aiokafka import AIOKafkaProducer

from mneme_common.testing.topic_setup import create_topics
from tests.bench.measures import Measure, latencies
from tests.bench.scenarios import Target
from tests.bench.stack import bootstrap, database_url

_TABLE = """
CREATE UNLOGGED TABLE IF NOT EXISTS bench_floor (id bigint PRIMARY KEY, content text, words tsvector GENERATED ALWAYS AS
    (to_tsvector('english', content)) STORED)
"""
_INSERT = "INSERT INTO bench_floor (id, content) SELECT * FROM unnest(%s::bigint[], %s::text[])"
_BATCH = 500


async def floors(target: Target, messages: int) -> list[Measure]:
    """Rates of the bare database and the bare broker, one client each."""
    return [
        await asyncio.to_thread(_inserts, target, messages),
        await asyncio.to_thread(_commits, target),
        await _log(target),
    ]


def _inserts(target: Target, messages: int) -> Measure:
    with psycopg.connect(database_url(target.stack), autocommit=True) as connection:
        connection.execute(_TABLE.replace("UNLOGGED ", "").encode())
        started = time.perf_counter()
        for first in range(0, messages, _BATCH):
            numbers = list(range(first, first + _BATCH))
            connection.execute(_INSERT.encode(), (numbers, [target.texts[n % len(target.texts)] for n in numbers]))
        seconds = time.perf_counter() - started
        connection.execute(b"DROP TABLE bench_floor")
    return Measure("floor: insert of messages with full text, batches of 500 (messages/s)", messages / seconds)


def _commits(target: Target) -> Measure:
    taken = []
    with psycopg.connect(database_url(target.stack), autocommit=True) as connection:
        connection.execute(b"CREATE TABLE bench_floor (id int)")
        for number in range(200):
            began = time.perf_counter()
            connection.execute("INSERT INTO bench_floor VALUES (%s)", (number,))
            taken.append(time.perf_counter() - began)
        connection.execute(b"DROP TABLE bench_floor")
    return latencies("floor: one row committed to disk, 1 client", taken, sum(taken))


async def _log(target: Target) -> Measure:
    servers = bootstrap(target.stack)
    await create_topics(servers, ["bench.floor"], partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all")
    await producer.start()
    taken = []
    try:
        for _ in range(200):
            began = time.perf_counter()
            await producer.send_and_wait("bench.floor", b"x" * 300)
            taken.append(time.perf_counter() - began)
    finally:
        await producer.stop()
    return latencies("floor: one record acknowledged by the broker, 1 client", taken, sum(taken))
