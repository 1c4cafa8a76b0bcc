"""The table of jobs, as the schedule uses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from mneme_common.contracts.jobs import Job
from mneme_retention.ports import Database

_TENANTS_AT_ONCE = 200

# Hops from tenant to tenant over the index, whatever the number of users.
_TENANTS = """
WITH RECURSIVE hop AS (
    (SELECT tenant_id FROM heads ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT h.tenant_id FROM heads h WHERE h.tenant_id > hop.tenant_id ORDER BY h.tenant_id LIMIT 1)
    FROM hop WHERE hop.tenant_id IS NOT NULL
)
SELECT tenant_id FROM hop WHERE tenant_id IS NOT NULL
"""
_EXPIRING = """
SELECT t.tenant_id FROM unnest(%(tenants)s::text[]) AS t (tenant_id)
WHERE EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = t.tenant_id AND m.to_seq IS NULL AND NOT m.tombstone
        AND m.expires_at IS NOT NULL AND NOT m.pinned AND m.expires_at <= %(now)s)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = t.tenant_id AND j.kind = 'memories.expire'
        AND j.status IN ('queued', 'running'))
"""


class JobTable:
    """Adds what is due, and forgets what is long over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, jobs: Sequence[Job]) -> None:
        """Adds those of the jobs that are not there yet."""
        if not jobs:
            return
        async with self._database.transaction(operator=True) as connection:
            await connection.execute(
                "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
                " SELECT *, 'queued' FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::jsonb[])"
                " ON CONFLICT (job_id) DO NOTHING",
                (
                    [job.job_id for job in jobs],
                    [job.tenant_id for job in jobs],
                    [job.kind for job in jobs],
                    [Jsonb(job.data.model_dump(mode="json", exclude={"job_id"})) for job in jobs],
                ),
            )

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a ledger."""
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(_TENANTS)
            return [row["tenant_id"] for row in await cursor.fetchall()]

    async def tenants_with_expired_memories(self, now: datetime) -> Sequence[str]:
        """Those with memories to expire and no open job that does it; a transaction sees a part of the tenants."""
        tenants = await self.tenants()
        found: list[str] = []
        for start in range(0, len(tenants), _TENANTS_AT_ONCE):
            part = list(tenants[start : start + _TENANTS_AT_ONCE])
            async with self._database.transaction(part) as connection:
                cursor = await connection.execute(_EXPIRING, {"tenants": part, "now": now})
                found += [row["tenant_id"] for row in await cursor.fetchall()]
        return found

    async def forget_finished(self, before: datetime) -> None:
        """Removes jobs that were over by then."""
        async with self._database.transaction(operator=True) as connection:
            await connection.execute("DELETE FROM jobs WHERE finished_at < %s", (before,))
