"""A database that is restored from a backup of before an erasure is erased from again before the API opens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from mneme_common.adapters.erasure_file import ErasureFile
from mneme_common.adapters.postgres import Database
from mneme_common.contracts.erasures import SubjectErased
from mneme_common.runtime.stage import ignore
from mneme_common.testing.vectors import InMemoryVectorStore
from mneme_common.testing.waiting import eventually
from mneme_gateway.control.opening import Opening
from mneme_resolver.decide.report import Report
from mneme_resolver.handlers.erase_again import EraseAgain
from mneme_resolver.handlers.erase_subject import EraseSubjects
from mneme_resolver.store.erasure import SubjectErasure
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster, MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, Rows, event, said
from tests.fixtures.processes import Processes
from tests.integration.gateway.running_gateway import Pipeline
from tests.integration.replay.ledgers import History, replays

_TABLES = ("messages", "memories", "extractions", "subject_keys")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Database]:
    opened = Database(url, name="restore-test")
    await opened.open()
    yield opened
    await opened.close()


def _copied(cluster: Cluster, database: MnemeDatabase) -> MnemeDatabase:
    """A backup of the database as it is now."""
    backup = cluster.database(f"t_{uuid4().hex[:16]}")
    statement = sql.SQL("CREATE DATABASE {} OWNER mneme_owner TEMPLATE {}")
    with psycopg.connect(cluster.server.superuser_url(), autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(backup.name), sql.Identifier(database.name)))
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO mneme_reader, mneme_writer").format(
                sql.Identifier(backup.name)
            )
        )
    return backup


def _erasing(database: Database, register: ErasureFile) -> tuple[SubjectErasure, EraseSubjects]:
    erasure = SubjectErasure(database, lambda: datetime.now(UTC))
    return erasure, EraseSubjects(erasure, InMemoryVectorStore(), "memory", 35, register)


def _is_erased(rows: Rows, registered: SubjectErased) -> None:
    """Nothing of Zoe is there, as of her first erasure; Bob is left alone."""
    for table in _TABLES:
        found = rows.all(f"SELECT DISTINCT user_id FROM {table} WHERE user_id IN ('zoe', 'bob')")
        assert {row["user_id"] for row in found} <= {"bob"}, table
    assert rows.value("SELECT erased_at FROM heads WHERE user_id = 'zoe'") == registered.erased_at
    assert rows.value("SELECT count(*) FROM audit_events WHERE reason_code = 'RESTORED'") == 1


async def _writes_again(restored: Database, rows: Rows, registered: SubjectErased) -> None:
    """What was accepted before the first erasure is discarded, what came after it is not."""
    store = PostgresEventStore(
        database=restored, keys=subject_keys(), clock=lambda: datetime.now(UTC), checkpoint=ignore
    )
    moments = {"late": registered.erased_at, "new": registered.erased_at + timedelta(microseconds=1)}
    await store.apply([replace(event(said(text), user="zoe"), accepted_at=moment) for text, moment in moments.items()])
    assert [row["content"] for row in rows.all("SELECT content FROM messages WHERE user_id = 'zoe'")] == ["new"]


async def test_what_a_backup_brings_back_is_erased_again_and_only_that(
    cluster: Cluster, database: MnemeDatabase, tmp_path: Path
) -> None:
    register = ErasureFile(tmp_path / "erasures.jsonl")
    async with _connected(database.writer_url) as connected:
        history = History(connected, Rows(database))
        for user in ("zoe", "bob"):
            await history.grow(2, user=user)
    backup = _copied(cluster, database)
    async with _connected(database.writer_url) as connected:
        _, erase = _erasing(connected, register)
        receipt = await erase.everything(TENANT, "zoe", uuid4())
    assert receipt["register"] == "file erasures.jsonl"
    (registered,) = await register.erasures()
    rows = Rows(backup)
    async with _connected(backup.writer_url) as restored, _connected(backup.reader_url) as reader:
        opening = Opening(reader, register)
        waiting = asyncio.create_task(opening.run())
        erasure, erase = _erasing(restored, register)
        assert await erasure.missing([registered]) == [registered]
        assert not opening.is_open
        for _ in range(2):
            await EraseAgain(register, erasure.missing, erase)(asyncio.Event())
        await eventually(lambda: opening.is_open, within=10)
        waiting.cancel()
        _is_erased(rows, registered)
        await _writes_again(restored, rows, registered)
        report = Report()
        await replays(restored, backup).tenant(TENANT, report)
        assert report.differences == []
    with psycopg.connect(cluster.server.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(backup.name)))


async def test_the_api_stays_closed_until_the_resolver_has_erased_again(
    database: MnemeDatabase, topic_prefix: str, processes: Processes, tansu: Broker, tmp_path: Path
) -> None:
    file = tmp_path / "erasures.jsonl"
    async with _connected(database.writer_url) as connected:
        await History(connected, Rows(database)).write([event(said("I live in Zanzibarium."), user="zoe")])
    erased = SubjectErased(tenant_id=TENANT, user_id="zoe", request_id=uuid4(), erased_at=datetime.now(UTC))
    await ErasureFile(file).record(erased)
    pipeline = Pipeline(database, processes, topic_prefix)
    await pipeline.open_broker(tansu.bootstrap)
    gateway = await asyncio.to_thread(pipeline.gateway, {"MNEME_ERASURE_REGISTER": str(file)})
    owner = {"tenant_id": TENANT, "user_id": "zoe"}
    async with gateway.client() as client:
        refused = await client.post("/v1/dsr/export", json=owner)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "ERASURES_PENDING")
        assert (await client.get("/healthz/ready")).status_code == 503
        assert (await client.get("/healthz/live")).status_code == 200
        pipeline.worker("resolver", MNEME_ERASURE_REGISTER=str(file))

        async def opened() -> bool:
            return (await client.post("/v1/dsr/export", json=owner)).status_code == 200

        await eventually(opened, within=60)
        exported = (await client.post("/v1/dsr/export", json=owner)).json()
        assert (exported["messages"], "Zanzibarium" in str(exported)) == ([], False)
        assert (await client.get("/healthz/ready")).status_code == 200
