"""Replaying tenants, user by user, a page of events at a time: memory stays bounded, whatever the ledger's length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from mneme_common.adapters.postgres import Connection, Database, Together
from mneme_resolver.decide.report import Report
from mneme_resolver.decide.state import UserState
from mneme_resolver.replay.compare import differences, ownerless, rows_of
from mneme_resolver.replay.empty_tables import plan_by_key
from mneme_resolver.replay.folding import fold_page, read_page
from mneme_resolver.replay.ledger_pages import Subject, find_subject, ledger_pages
from mneme_resolver.store.cipher import DataKey
from mneme_resolver.store.load import load, load_readings
from mneme_resolver.store.needs import needs_of
from mneme_resolver.store.subject_keys import SubjectKeys, wrapped_of
from mneme_resolver.store.write import write_records

_EVENTS_A_TRANSACTION = 20_000
_USERS_A_TRANSACTION = 200


class OpenTables(Protocol):
    """Opens a transaction on which the record tables are empty."""

    def __call__(self, tenant_id: str) -> AbstractAsyncContextManager[Connection]:
        """It sees one tenant as it was at its beginning, and keeps nothing."""


@dataclass(frozen=True, slots=True)
class Replays:
    """Folds ledgers into empty tables and compares."""

    database: Database
    empty_tables: OpenTables
    keys: SubjectKeys

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a ledger."""
        async with self.database.transaction(operator=True) as connection:
            cursor = await connection.execute("SELECT DISTINCT tenant_id FROM heads ORDER BY tenant_id")
            return [row["tenant_id"] for row in await cursor.fetchall()]

    async def user(self, tenant_id: str, user_id: str, report: Report) -> None:
        """One user's ledger."""
        async with self.empty_tables(tenant_id) as connection:
            await self._replay(connection, tenant_id, user_id, report)

    async def tenant(self, tenant_id: str, report: Report) -> None:
        """The ledgers of all of a tenant's users, and rows that belong to none of them."""
        async with self.empty_tables(tenant_id) as connection:
            report.differ(await ownerless(connection, tenant_id))
        async for users in self._groups(tenant_id):
            async with self.empty_tables(tenant_id) as connection:
                for user_id in users:
                    await self._replay(connection, tenant_id, user_id, report)

    async def _groups(self, tenant_id: str) -> AsyncIterator[list[str]]:
        """Users in order, few enough that one transaction is not open for long."""
        after = ""
        while True:
            async with self.database.transaction([tenant_id]) as connection:
                cursor = await connection.execute(
                    "SELECT user_id, head_seq FROM heads WHERE tenant_id = %s AND user_id > %s"
                    " ORDER BY user_id LIMIT %s",
                    (tenant_id, after, _USERS_A_TRANSACTION),
                )
                page = await cursor.fetchall()
            group: list[str] = []
            events = 0
            for row in page:
                group.append(row["user_id"])
                events += row["head_seq"]
                if events >= _EVENTS_A_TRANSACTION:
                    break
            if not group:
                return
            yield group
            after = group[-1]

    async def _replay(self, connection: Connection, tenant_id: str, user_id: str, report: Report) -> None:
        subject = await find_subject(connection, tenant_id, user_id)
        if subject is not None:
            report.users += 1
            wrapped = wrapped_of({"wrapped_key": subject.wrapped_key, "wrapped_by": subject.wrapped_by})
            if wrapped is None:
                report.erased += 1
            else:
                place = subject.tenant_id, subject.user_id
                key = (await self.keys.opened({place: wrapped}))[place]
                await plan_by_key(connection, by_key=True)
                await self._fold(connection, subject, key, report)
        await plan_by_key(connection, by_key=False)
        report.rows += await rows_of(connection, tenant_id, user_id)
        report.differ(await differences(connection, tenant_id, user_id))

    async def _fold(self, connection: Connection, subject: Subject, key: DataKey, report: Report) -> None:
        """The statements that load and write are those that the resolver writes with in earnest."""
        place = subject.tenant_id, subject.user_id
        async for page in ledger_pages(connection, *place, subject.erased_seq):
            report.events += len(page)
            readable, unreadable = await asyncio.to_thread(read_page, key, page)
            report.differ(unreadable)
            state = UserState(tenant_id=subject.tenant_id, user_id=subject.user_id)
            needs = needs_of([item.event for item in readable])
            await load(connection, needs, {place: state})
            await load_readings(connection, needs, {place: state})
            folded = await asyncio.to_thread(fold_page, readable, state, redecide=report.redecides)
            report.differ(folded.differences)
            report.redecide(folded.redecisions)
            writes = Together()
            await write_records(connection, writes, folded.applied)
            await writes.send(connection)
