"""PostgreSQL: a pool, transactions bound to tenants, and bulk writes of one statement a table."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, LiteralString

import orjson
import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
Row = Mapping[str, Any]

_OPTIONS = "-c idle_in_transaction_session_timeout=15000 -c statement_timeout=60000 -c timezone=UTC"
_BY_KEY = " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c plan_cache_mode=force_custom_plan"


class UnsafeRoleError(RuntimeError):
    """The role that a service connects with could see past the tenants' walls."""


class Database:
    """A pool of connections as one role. Every transaction names the tenants it may touch; none is none."""

    def __init__(self, url: str, *, name: str, size: int = 8, by_key: bool = False) -> None:
        """``by_key`` is for those who look rows up by key: nested loops over the keys' indexes, always.

        A plan that was made and kept while a table was small reads all of it; and behind row-level security the planner
        cannot know how few of a tenant's rows a list of keys concerns. Left alone, a write would cost more with every
        row that is there.
        """
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            timeout=5.0,
            kwargs={
                "row_factory": dict_row,
                "application_name": f"mneme-{name}",
                "autocommit": True,
                "options": _OPTIONS + (_BY_KEY if by_key else ""),
            },
        )
        self.url = url

    async def open(self) -> None:
        """Starts the pool without waiting for a connection: a database that is away must not stop a start."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.close(timeout=5.0)

    @asynccontextmanager
    async def transaction(self, tenants: Sequence[str] = (), *, operator: bool = False) -> AsyncIterator[Connection]:
        """One transaction that sees the named tenants only (guarantee 12); commits on a clean exit.

        ``operator`` adds the rows of dead letters, jobs, keys and progress of every tenant.
        """
        async with self._pool.connection() as connection:
            await connection.execute(_beginning(",".join(sorted(set(tenants))), operator=operator))
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(psycopg.Error):
                    await connection.rollback()
                raise
            await connection.commit()

    async def call(self, function: LiteralString, parameters: Sequence[object]) -> list[DictRow]:
        """The rows of a function that names its tenants itself: one round trip, and a transaction of its own.

        Parameters go in binary: as text an array costs many times as much. An array may not be empty.
        """
        places = ", ".join(["%b"] * len(parameters))
        async with self._pool.connection() as connection:
            cursor = await connection.execute(f"SELECT * FROM {function}({places})", parameters)
            return await cursor.fetchall()

    async def require_safe_role(self) -> None:
        """Refuses a role that is a superuser, owns a table or bypasses row-level security (guarantee 12)."""
        async with self._pool.connection(timeout=30.0) as connection:
            cursor = await connection.execute(
                "SELECT rolname, rolsuper, rolbypassrls,"
                " EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                "  WHERE c.relkind = 'r' AND n.nspname = 'public' AND pg_has_role(r.oid, c.relowner, 'USAGE')) AS owns"
                " FROM pg_roles r WHERE rolname = current_user"
            )
            role = await cursor.fetchone()
        if role is None or role["rolsuper"] or role["rolbypassrls"] or role["owns"]:
            raise UnsafeRoleError(
                "The service connects as a role that is a superuser, owns a table or bypasses row-level security. "
                "Use the roles mneme_reader (gateway) and mneme_writer (workers)."
            )


def _beginning(tenants: str, *, operator: bool) -> sql.Composed:
    """Begins a transaction and names its tenants in one round trip, as a query without parameters may."""
    settings = "BEGIN; SELECT set_config('mneme.tenants', {}, true), set_config('mneme.operator', {}, true)"
    return sql.SQL(settings).format(sql.Literal(tenants), sql.Literal("on" if operator else "off"))


async def read_whole_tables(connection: Connection) -> None:
    """For the rest of the transaction: joins by hash instead of by key, as long as it takes, idle between pages."""
    for setting in (
        "enable_hashjoin = on",
        "enable_seqscan = on",
        "enable_nestloop = off",
        "statement_timeout = 0",
        "idle_in_transaction_session_timeout = 0",
    ):
        await connection.execute(f"SET LOCAL {setting}")


async def insert_rows(connection: Connection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts the rows, which name the same columns, in one statement."""
    if rows:
        await connection.execute(_insertion(table, tuple(rows[0])), (to_json(rows),))


class Together:
    """Writes to different tables, sent and planned as one statement: one round trip whatever their number.

    All see the tables as they were before any of them (PostgreSQL, "Data-Modifying Statements in WITH"), so two that
    concern the same row have to be sent apart. A pipeline would do as well, but it may leave the server without its
    timer for idle transactions, which is what ends the transaction of a frozen worker.
    """

    def __init__(self) -> None:
        self._statements: list[bytes] = []
        self._parameters: list[object] = []

    def add(self, statement: bytes, parameters: Sequence[object]) -> None:
        """One INSERT, UPDATE or DELETE."""
        self._statements.append(statement)
        self._parameters += parameters

    def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """The rows, which name the same columns."""
        if rows:
            self.add(_insertion(table, tuple(rows[0])), (to_json(rows),))

    async def send(self, connection: Connection, last: bytes = b"SELECT") -> None:
        """Does it all, and what ``last`` selects."""
        parts = b", ".join(b"w%d AS (%b)" % (place, text) for place, text in enumerate(self._statements))
        await connection.execute(b"WITH %b %b" % (parts, last) if parts else last, self._parameters)


def to_json(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as JSON that json_populate_recordset reads: bytes as ``\\x`` hex, times with microseconds."""
    return orjson.dumps(rows, default=_json_default).decode()


@cache
def _insertion(table: str, columns: tuple[str, ...]) -> bytes:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s)")
    return statement.format(table=sql.Identifier(table), names=names).as_bytes(None)


def _json_default(value: object) -> object:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")
