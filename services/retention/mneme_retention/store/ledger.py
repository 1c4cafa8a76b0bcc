"""What the resolver made of the commands: the ledger is where to look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mneme_retention.ports import Database


class LedgerRows:
    """Outcomes by event id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outcomes(self, tenant_id: str, events: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Those that are known by now."""
        async with self._database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT event_id, outcome FROM ledger WHERE tenant_id = %s AND event_id = ANY(%s)",
                (tenant_id, list(events)),
            )
            return {row["event_id"]: row["outcome"] for row in await cursor.fetchall()}
