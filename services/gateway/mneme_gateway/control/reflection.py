"""Reflection that somebody asks for: a job of retention, and when it may be asked for again."""

from __future__ import annotations

import math
from typing import Any

from mneme_gateway.auth.caller import Scope
from mneme_gateway.control.jobs import JobDesk
from mneme_gateway.errors import ApiError
from mneme_gateway.ports import Database

COOLDOWN_SECONDS = 7_200.0

_REST = """
SELECT extract(epoch FROM reflected_at - now()) + %s AS seconds FROM reflected_users
WHERE tenant_id = %s AND user_id = %s
"""


class ReflectionDesk:
    """Asks for reflections."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs

    async def require_rested(self, scope: Scope) -> None:
        """Raises ApiError 429 within two hours of the last reflection (S4-38)."""
        async with self._database.transaction([scope.tenant_id]) as connection:
            cursor = await connection.execute(_REST, (COOLDOWN_SECONDS, scope.tenant_id, scope.user_id))
            row = await cursor.fetchone()
        seconds = math.ceil(row["seconds"]) if row is not None else 0
        if seconds > 0:
            raise ApiError(
                429,
                "COOLDOWN",
                "These memories were reflected on less than two hours ago; force=true reflects nevertheless.",
                headers={"Retry-After": str(seconds)},
            )

    async def run(self, scope: Scope, *, dry_run: bool, seconds: float) -> dict[str, Any] | None:
        """The result; None when it is not known within so many seconds. Raises ApiError 500 when it failed."""
        parameters: dict[str, object] = {"user_id": scope.user_id, "dry_run": dry_run}
        job_id = await self._jobs.ask(scope.tenant_id, "reflection.run", parameters)
        job = await self._jobs.settled(job_id, seconds)
        if job.status == "failed":
            raise ApiError(500, "JOB_FAILED", "The reflection failed.")
        return job.result
