"""Transactions as every service uses them: bound to tenants, all or nothing, and ended when their worker freezes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from mneme_common.adapters.postgres import Database, Together
from mneme_common.testing.waiting import eventually
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows

HEAD = {"tenant_id": "acme", "user_id": "ann", "head_seq": 0, "emitted_seq": 0}
KEY = {"tenant_id": "acme", "user_id": "ann", "wrapped_key": b"key", "created_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
async def writer(database: MnemeDatabase) -> AsyncIterator[Database]:
    """A pool of one connection as the workers' role, so that a spoilt one is noticed."""
    pool = Database(database.writer_url, name="test", size=1)
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


async def write(pool: Database, tenant: str = "acme") -> None:
    """Two rows in two tables, sent together."""
    async with pool.transaction([tenant]) as connection:
        writes = Together()
        writes.insert("heads", [HEAD])
        writes.insert("subject_keys", [KEY])
        await writes.send(connection, b"SELECT pg_notify('mneme_outcomes', '')")


async def test_writes_that_are_sent_together_are_all_there(writer: Database, database: MnemeDatabase) -> None:
    await write(writer)
    rows = Rows(database)
    assert rows.value("SELECT count(*) FROM heads") == 1
    assert bytes(rows.value("SELECT wrapped_key FROM subject_keys")) == b"key"


async def test_one_write_that_fails_takes_the_others_with_it(writer: Database, database: MnemeDatabase) -> None:
    await write(writer)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await write(writer)
    assert Rows(database).value("SELECT count(*) FROM heads") == 1
    async with writer.transaction(["acme"]) as connection:
        await connection.execute("DELETE FROM heads")
    assert Rows(database).value("SELECT count(*) FROM heads") == 0


async def test_a_transaction_writes_for_its_tenants_only(writer: Database, database: MnemeDatabase) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await write(writer, tenant="other")
    assert Rows(database).value("SELECT count(*) FROM heads") == 0


async def test_an_exception_inside_leaves_nothing_behind(writer: Database, database: MnemeDatabase) -> None:
    async def fail() -> None:
        async with writer.transaction(["acme"]) as connection:
            writes = Together()
            writes.insert("heads", [HEAD])
            await writes.send(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert Rows(database).value("SELECT count(*) FROM heads") == 0


async def test_the_server_ends_a_transaction_that_freezes_after_its_writes(
    writer: Database, database: MnemeDatabase
) -> None:
    """Its locks would stop its users for everybody (a pipeline of libpq can leave the server without this timer)."""
    in_transaction = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    )

    async def freeze() -> None:
        async with writer.transaction(["acme"]) as connection:
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 100")
            writes = Together()
            writes.insert("heads", [HEAD])
            await writes.send(connection)
            await eventually(lambda: not Rows(database).value(in_transaction), within=10)

    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        await freeze()
    assert Rows(database).value("SELECT count(*) FROM heads") == 0
