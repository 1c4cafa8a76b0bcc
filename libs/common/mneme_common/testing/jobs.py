"""Job rows in memory, with a clock that tests set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from mneme_common.contracts.jobs import Job, Settlement
from mneme_common.domain.failures import PermanentError

_LATE_AFTER, _LOST_AFTER = 2.0, 600.0


@dataclass(slots=True)
class _Row:
    job: Job
    requested_at: float
    status: str = "queued"
    lease_until: float | None = None
    published_at: float | None = None
    published_to: str | None = None
    settlement: Settlement | None = None


@dataclass(slots=True)
class JobsInMemory:
    """Keeps the promises of contracts.jobs.JobRows; ``now`` is in seconds."""

    now: float = 0.0
    _rows: dict[UUID, _Row] = field(default_factory=dict)

    def add(self, job: Job) -> None:
        """A job that is asked for."""
        self._rows[job.job_id] = _Row(job, self.now)

    def status(self, job_id: UUID) -> str:
        """queued, running, done or failed."""
        return self._rows[job_id].status

    def settlement(self, job_id: UUID) -> Settlement | None:
        """How the job was settled last."""
        return self._rows[job_id].settlement

    async def claim(self, job_id: UUID, seconds: float) -> Job | None:
        """Takes the job unless it is done or leased."""
        row = self._rows.get(job_id)
        if row is None:
            raise PermanentError("unknown_job", "There is no job with this id.")
        if row.status == "queued" or (row.status == "running" and self._lease_is_over(row)):
            row.job = replace(row.job, attempt=row.job.attempt + 1)
            row.status, row.lease_until = "running", self.now + seconds
            return row.job
        return None

    async def renew(self, job: Job, seconds: float) -> bool:
        """Keeps it, if this is the latest attempt."""
        row = self._rows[job.job_id]
        if row.status != "running" or row.job.attempt != job.attempt:
            return False
        row.lease_until = self.now + seconds
        return True

    async def settle(self, job: Job, settlement: Settlement) -> None:
        """Ends the attempt, if it is the latest."""
        row = self._rows[job.job_id]
        if row.status != "running" or row.job.attempt != job.attempt:
            return
        row.status, row.settlement, row.lease_until = settlement.status, settlement, None
        if settlement.status == "queued":
            row.published_to = None

    async def to_publish(self, incarnation: str) -> Sequence[Job]:
        """What this incarnation may lack."""
        found = [row for row in self._rows.values() if self._may_be_lacking(row, incarnation)]
        for row in found:
            row.published_at, row.published_to = self.now, incarnation
        return [row.job for row in found]

    def _may_be_lacking(self, row: _Row, incarnation: str) -> bool:
        waits = row.status == "queued" or (row.status == "running" and self._lease_is_over(row))
        if not waits or row.published_to != incarnation or row.published_at is None:
            return waits and row.requested_at < self.now - _LATE_AFTER
        died = row.lease_until is not None and row.published_at < row.lease_until
        return died or row.published_at < self.now - _LOST_AFTER

    def _lease_is_over(self, row: _Row) -> bool:
        return row.lease_until is not None and row.lease_until < self.now
