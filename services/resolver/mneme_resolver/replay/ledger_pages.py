"""A user's ledger in pages, as events with what was decided."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mneme_common.adapters.postgres import Connection

_PAGE = 500
_ROWS = """
SELECT tenant_id, user_id, event_id, seq, event_type, type_version, source, status, request_hash, payload, decision,
    outcome, applied_at
FROM ledger WHERE tenant_id = %s AND user_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row, as it is stored; ``row`` has all of its columns by name."""

    row: Mapping[str, Any]

    @property
    def event_id(self) -> UUID:
        """The event's id."""
        event_id = self.row["event_id"]
        assert isinstance(event_id, UUID)  # noqa: S101  (the column's type)
        return event_id

    @property
    def seq(self) -> int:
        """Its position."""
        return int(self.row["seq"])

    @property
    def applied_at(self) -> datetime:
        """Its transaction time."""
        applied_at = self.row["applied_at"]
        assert isinstance(applied_at, datetime)  # noqa: S101  (the column's type)
        return applied_at

    @property
    def buried(self) -> bool:
        """Whether it was never applied; such rows may leave gaps, too, once a re-drive has superseded them."""
        return bool(self.row["status"] == "buried")

    @property
    def erased(self) -> bool:
        """Whether an erasure has emptied it: it says nothing and changes nothing."""
        return not bytes(self.row["payload"])


@dataclass(frozen=True, slots=True)
class Subject:
    """A user with a ledger; without a key the subject has been erased and the ledger can no longer be read."""

    tenant_id: str
    user_id: str
    wrapped_key: bytes | None
    wrapped_by: str | None = None
    erased_seq: int = 0


async def find_subject(connection: Connection, tenant_id: str, user_id: str) -> Subject | None:
    """The user, None when nothing was ever written for him."""
    cursor = await connection.execute(
        "SELECT h.tenant_id, h.user_id, k.wrapped_key, k.wrapped_by, h.erased_seq FROM heads h LEFT JOIN subject_keys k"
        " ON k.tenant_id = h.tenant_id AND k.user_id = h.user_id"
        " WHERE h.tenant_id = %s AND h.user_id = %s AND (k.tenant_id IS NOT NULL OR h.erased_seq > 0)",
        (tenant_id, user_id),
    )
    row = await cursor.fetchone()
    return None if row is None else Subject(**row)


async def ledger_pages(
    connection: Connection, tenant_id: str, user_id: str, seq: int = 0
) -> AsyncIterator[list[LedgerRow]]:
    """All rows of a user after a position in order, buried ones included."""
    while True:
        cursor = await connection.execute(_ROWS, (tenant_id, user_id, seq, _PAGE))
        page = [LedgerRow(row) for row in await cursor.fetchall()]
        if not page:
            return
        yield page
        seq = page[-1].seq
