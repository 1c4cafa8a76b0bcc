"""A connection of its own on which the record tables are empty: temporary ones stand before the real ones.

The statements that write the records in earnest write here unchanged, since they name no schema. So nothing may be
prepared on this connection (a statement prepared earlier would still mean the real table), and once the temporary
tables stand, the transaction is read-only: PostgreSQL lets it write temporary tables and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from mneme_common.adapters.postgres import Connection

RECORD_TABLES = ("messages", "memories", "extractions")

_OPTIONS = "-c timezone=UTC -c jit=off -c search_path=public -c idle_in_transaction_session_timeout=60000"


class EmptyTables:
    """Opens such connections; each sees the database as it was when its transaction began."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def __call__(self, tenant_id: str) -> AsyncIterator[Connection]:
        """One transaction that sees one tenant and keeps nothing."""
        async with await psycopg.AsyncConnection.connect(
            self._url,
            row_factory=dict_row,
            prepare_threshold=None,
            autocommit=True,
            options=_OPTIONS,
            application_name="mneme-replay",
            connect_timeout=10,
        ) as connection:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            async with connection.transaction(force_rollback=True):
                await connection.execute("SELECT set_config('mneme.tenants', %s, true)", (tenant_id,))
                for table in RECORD_TABLES:
                    await connection.execute(
                        f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP"
                    )
                await connection.execute("SET TRANSACTION READ ONLY")
                yield connection


async def plan_by_key(connection: Connection, *, by_key: bool) -> None:
    """Whether the planner looks rows up by key, always: it knows nothing yet of tables that were just made."""
    wanted = "off" if by_key else "on"
    await connection.execute(
        "SELECT set_config(name, %s, true) FROM unnest(%s::text[]) AS name",
        (wanted, ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"]),
    )
