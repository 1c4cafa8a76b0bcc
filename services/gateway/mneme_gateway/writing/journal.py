"""The journal: what makes an event durable while the embedded broker may forget it (guarantee 1).

A row goes when its event has a ledger row: what is left is what a new incarnation of the broker must be told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from mneme_common.contracts.envelope import OutgoingRecord
from mneme_gateway.ports import Database, Row
from mneme_gateway.writing.events import Event

_PAGE = "SELECT position, topic, key, value, headers FROM journal WHERE position > %s ORDER BY position LIMIT %s"
_LEFT_BEHIND = (
    "SELECT position, topic, key, value, headers FROM journal WHERE position > %s AND gateway <> %s"
    " AND created_at < now() - make_interval(secs => %s) ORDER BY position LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A journalled record and its place in the order."""

    position: int
    record: OutgoingRecord


class Journal:
    """The rows of one gateway, and those that others left to it."""

    def __init__(self, database: Database, gateway: UUID) -> None:
        self._database = database
        self._gateway = gateway

    async def append(self, events: Sequence[Event]) -> list[OutgoingRecord]:
        """Commits the events in one transaction; the records, in order, that must be on the log after it.

        Those are the events, preceded by what other gateways have journalled earlier for the same users: so each
        user's order holds on the log whichever gateways he used, also when one of them has not published yet.
        """
        records = [event.record for event in events]
        earlier = await self._database.call(
            "append_journal",
            (
                self._gateway,
                [event.tenant_id for event in events],
                [event.user_id for event in events],
                [event.event_id for event in events],
                [record.topic for record in records],
                [record.key for record in records],
                [record.value for record in records],
                [_headers(record) for record in records],
            ),
        )
        return [_record(row) for row in earlier] + records

    async def page(self, after: int, size: int) -> list[Entry]:
        """The next rows of every tenant and gateway beyond a position."""
        return await self._entries(_PAGE, (after, size))

    async def left_behind(self, after: int, older_than: float, size: int) -> list[Entry]:
        """Rows of other gateways that are so many seconds old: their writer may be gone."""
        return await self._entries(_LEFT_BEHIND, (after, self._gateway, older_than, size))

    async def _entries(self, statement: str, parameters: tuple[object, ...]) -> list[Entry]:
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return [Entry(row["position"], _record(row)) for row in await cursor.fetchall()]


def _headers(record: OutgoingRecord) -> Jsonb:
    return Jsonb([[name, value.decode()] for name, value in record.headers], dumps=orjson.dumps)


def _record(row: Row) -> OutgoingRecord:
    headers = tuple((name, value.encode()) for name, value in row["headers"])
    return OutgoingRecord(row["topic"], bytes(row["key"]), bytes(row["value"]), headers)
