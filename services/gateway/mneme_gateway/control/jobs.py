"""Jobs that operators ask for: a row; the workers are told of it on the log, and settle it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from mneme_common.contracts.jobs import JOB_TYPES, Job, job_record
from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.audit import note
from mneme_gateway.errors import ApiError, not_found
from mneme_gateway.ports import Database, Redriver
from mneme_gateway.schemas.operator import JobOut, PolicyIn, PolicyOut
from mneme_gateway.writing.events import SOURCE

_COLUMNS = "job_id, tenant_id, kind, status, parameters, result, error, requested_at, started_at, finished_at"
_ASK_EVERY_SECONDS = 0.2
_POLICY_COLUMNS = "tenant_id, max_age_days, importance_threshold, max_items, delete_after_days, updated_at"


class JobDesk:
    """Asks for jobs, reads them, and keeps the retention policies."""

    def __init__(self, database: Database, redriver: Redriver) -> None:
        self._database = database
        self._redriver = redriver

    async def ask(self, tenant_id: str, kind: str, parameters: Mapping[str, object]) -> UUID:
        """Queues a job. The row is what counts: what the log is not told now, retention tells it soon."""
        job_id = uuid4()
        data = JOB_TYPES[kind].model_validate({**parameters, "job_id": job_id})
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(
                "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status) VALUES (%s, %s, %s, %s, 'queued')",
                (job_id, tenant_id, kind, Jsonb(dict(parameters))),
            )
        await self._announce(Job(job_id, kind, tenant_id, data))
        return job_id

    async def announce(self, job_id: UUID, tenant_id: str, kind: str, parameters: Mapping[str, object]) -> None:
        """Tells the workers of a job that is queued already."""
        data = JOB_TYPES[kind].model_validate({**parameters, "job_id": job_id})
        await self._announce(Job(job_id, kind, tenant_id, data))

    async def _announce(self, job: Job) -> None:
        with contextlib.suppress(ApiError):
            await self._redriver.redrive([job_record(job, source=SOURCE, time=datetime.now(UTC))])

    async def get(self, job_id: UUID) -> JobOut:
        """The job as it stands; raises ApiError 404."""
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE job_id = %s", (job_id,))
            row = await cursor.fetchone()
        if row is None:
            raise not_found("Job")
        return JobOut(**row)

    async def settled(self, job_id: UUID, seconds: float) -> JobOut:
        """The job once it is done or failed, or as it stands when the time is over."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (job := await self.get(job_id)).finished_at is None:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return job
            await asyncio.sleep(min(_ASK_EVERY_SECONDS, left))
        return job

    async def policy(self, tenant_id: str) -> PolicyOut:
        """The tenant's retention policy; made with the defaults when there is none (S2-27)."""
        return await self._change_policy(tenant_id, {}, None)

    async def change_policy(self, tenant_id: str, change: PolicyIn, caller: Caller) -> PolicyOut:
        """Changes what is named of the policy."""
        given = change.model_dump(exclude_unset=True, exclude={"tenant_id"})
        return await self._change_policy(tenant_id, given, caller)

    async def _change_policy(self, tenant_id: str, given: Mapping[str, JsonValue], caller: Caller | None) -> PolicyOut:
        columns = [name for name in _POLICY_COLUMNS.split(", ") if name in given]
        updates = ", ".join([*(f"{name} = %({name})s" for name in columns), "updated_at = now()"])
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(
                "INSERT INTO retention_policies (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,)
            )
            if columns:
                await connection.execute(
                    f"UPDATE retention_policies SET {updates} WHERE tenant_id = %(tenant)s".encode(),
                    {**given, "tenant": tenant_id},
                )
            if caller is not None:
                await note(connection, caller, tenant_id, "RETENTION_POLICY_CHANGED", given)
            cursor = await connection.execute(
                f"SELECT {_POLICY_COLUMNS} FROM retention_policies WHERE tenant_id = %s", (tenant_id,)
            )
            row = await cursor.fetchone()
        if row is None:
            raise not_found("Policy")
        return PolicyOut(**row)
