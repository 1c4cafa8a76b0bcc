"""Which memories were retrieved, counted in process and written down every few seconds (S1-13).

Statistics, not records: no ranking, no pack and no replay depends on them, and a process that is killed loses the last
few seconds of them. So a search never waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from mneme_gateway.auth.caller import Scope
from mneme_gateway.ports import Database

WRITE_EVERY_SECONDS = 2.0
_MOST = 100_000
"""Memories that may wait to be written; what is retrieved beyond that, while the database is away, is not counted."""

# In the order of their key, so that two gateways never wait for each other in a circle.
_ADD = """
INSERT INTO memory_access AS a (tenant_id, user_id, root_id, access_count, last_accessed_at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::bigint[], %s::timestamptz[])
    AS n (tenant_id, user_id, root_id, access_count, last_accessed_at)
ORDER BY root_id, tenant_id
ON CONFLICT (root_id, tenant_id) DO UPDATE SET
    access_count = a.access_count + excluded.access_count,
    last_accessed_at = greatest(a.last_accessed_at, excluded.last_accessed_at)
"""

Key = tuple[str, str, UUID]


class Accesses:
    """Counts retrievals by memory, whatever its version."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[Key, tuple[int, datetime]] = {}

    def note(self, scope: Scope, root_ids: Iterable[UUID]) -> None:
        """These memories were among the results of a search of the present."""
        now = self._clock()
        for root_id in root_ids:
            key = scope.tenant_id, scope.user_id, root_id
            if key in self._waiting or len(self._waiting) < _MOST:
                count, _ = self._waiting.get(key, (0, now))
                self._waiting[key] = count + 1, now

    async def write(self) -> None:
        """Writes what has been counted; it is counted still when the database is away."""
        counted, self._waiting = self._waiting, {}
        if not counted:
            return
        rows = [(*key, count, last) for key, (count, last) in counted.items()]
        try:
            async with self._database.transaction(sorted({tenant_id for tenant_id, _, _ in counted})) as connection:
                await connection.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])
        except psycopg.Error as error:
            structlog.get_logger("mneme.gateway").info("accesses wait", error=type(error).__name__)
            self._again(counted)

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            await self.write()

    def _again(self, counted: dict[Key, tuple[int, datetime]]) -> None:
        for key, (count, last) in counted.items():
            more, latest = self._waiting.get(key, (0, last))
            self._waiting[key] = count + more, max(last, latest)
