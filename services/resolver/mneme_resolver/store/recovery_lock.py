"""Lets one resolver recover an incarnation: an advisory lock, held while it works, by incarnation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.broker import Broker


class RecoveryLock:
    """The lock of PostgreSQL's transaction: gone with the member that held it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def __call__(self, broker: Broker) -> AsyncIterator[bool]:
        """True for the member that got the lock."""
        async with self._database.transaction() as connection:
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor = await connection.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended('mneme.recovery.' || %s, 0)) AS locked",
                (broker.incarnation,),
            )
            row = await cursor.fetchone()
            yield bool(row and row["locked"])
