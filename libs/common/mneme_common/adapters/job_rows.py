"""The table ``jobs``: who does what, until when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import ValidationError

from mneme_common.adapters.postgres import Connection, Database
from mneme_common.contracts.codec import describe
from mneme_common.contracts.jobs import JOB_TYPES, Job, Settlement
from mneme_common.domain.failures import PermanentError

_COLUMNS = "job_id, kind, tenant_id, parameters, attempts"
_CLAIM = f"""
UPDATE jobs SET status = 'running', attempts = attempts + 1, lease_until = now() + make_interval(secs => %(seconds)s),
    started_at = coalesce(started_at, now())
WHERE job_id = %(job)s AND (status = 'queued' OR (status = 'running' AND lease_until < now()))
RETURNING {_COLUMNS}
"""
_RENEW = """
UPDATE jobs SET lease_until = now() + make_interval(secs => %(seconds)s)
WHERE job_id = %(job)s AND attempts = %(attempt)s AND status = 'running'
"""
_SETTLE = """
UPDATE jobs SET status = %(status)s, result = %(result)s, error = %(error)s, lease_until = NULL,
    finished_at = CASE WHEN %(status)s <> 'queued' THEN now() END,
    published_to = CASE WHEN %(status)s <> 'queued' THEN published_to END
WHERE job_id = %(job)s AND attempts = %(attempt)s AND status = 'running'
"""
# Never published after two seconds: whoever asked for it failed to, or never does. Still queued after ten minutes: the
# record may be lost. A lease that has run out: its worker is.
_TO_PUBLISH = f"""
UPDATE jobs SET published_at = now(), published_to = %(incarnation)s
WHERE job_id IN (
    SELECT job_id FROM jobs
    WHERE kind = ANY(%(kinds)s) AND status IN ('queued', 'running') AND (status = 'queued' OR lease_until < now()) AND (
        (published_to IS DISTINCT FROM %(incarnation)s AND requested_at < now() - interval '2 seconds')
        OR published_at < lease_until
        OR published_at < now() - interval '10 minutes')
    ORDER BY requested_at LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}
"""


class PostgresJobRows:
    """Leases by the database's clock, which all workers share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, job_id: UUID, seconds: float) -> Job | None:
        """Takes the job unless it is done or another worker has it; raises PermanentError when there is none."""
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(_CLAIM, {"job": job_id, "seconds": seconds})
            row = await cursor.fetchone()
            if row is not None and (found := await _jobs(connection, [row])):
                return found[0]
            cursor = await connection.execute("SELECT 1 FROM jobs WHERE job_id = %s", (job_id,))
            if await cursor.fetchone() is None:
                raise PermanentError("unknown_job", "There is no job with this id.")
        return None

    async def renew(self, job: Job, seconds: float) -> bool:
        """Keeps the job; False when another attempt has taken it over."""
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(_RENEW, {"job": job.job_id, "attempt": job.attempt, "seconds": seconds})
            return cursor.rowcount == 1

    async def settle(self, job: Job, settlement: Settlement) -> None:
        """Ends the attempt, unless another has taken the job over."""
        result = None if settlement.result is None else Jsonb(dict(settlement.result))
        async with self._database.transaction(operator=True) as connection:
            await connection.execute(
                _SETTLE,
                {
                    "job": job.job_id,
                    "attempt": job.attempt,
                    "status": settlement.status,
                    "result": result,
                    "error": settlement.error,
                },
            )

    async def to_publish(self, incarnation: str) -> Sequence[Job]:
        """Jobs that nobody works on and whose record this incarnation may lack, oldest first, a hundred at most."""
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(_TO_PUBLISH, {"incarnation": incarnation, "kinds": list(JOB_TYPES)})
            return await _jobs(connection, await cursor.fetchall())


async def _jobs(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Job]:
    """The jobs of the rows; one whose parameters nobody can read has failed."""
    jobs: list[Job] = []
    for row in rows:
        try:
            data = JOB_TYPES[row["kind"]].model_validate(row["parameters"] | {"job_id": row["job_id"]})
        except ValidationError as error:
            await connection.execute(
                "UPDATE jobs SET status = 'failed', error = %s, lease_until = NULL, finished_at = now()"
                " WHERE job_id = %s",
                (describe(error), row["job_id"]),
            )
        else:
            jobs.append(Job(row["job_id"], row["kind"], row["tenant_id"], data, row["attempts"]))
    return jobs
