"""What is due by the clock. Time is cut into slots: a job belongs to one, so that any number of workers add it once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mneme_common.contracts.jobs import ExpireMemories, Job, RunReflection, RunRetention
from mneme_common.domain.identifiers import EPOCH, digest


def slot(now: datetime, every_seconds: int) -> str:
    """The name of the interval that ``now`` lies in."""
    return f"{every_seconds}/{int((now - EPOCH).total_seconds()) // every_seconds}"


def retention_job(tenant_id: str, place: str) -> Job:
    """The policy run of a tenant in a slot."""
    job_id = _job_id("retention.run", tenant_id, place)
    return Job(job_id, "retention.run", tenant_id, RunRetention(job_id=job_id, actions=["archive", "delete"]))


def expiry_job(tenant_id: str, place: str) -> Job:
    """The sweep of a tenant's expired memories in a slot."""
    job_id = _job_id("memories.expire", tenant_id, place)
    return Job(job_id, "memories.expire", tenant_id, ExpireMemories(job_id=job_id))


def reflection_job(tenant_id: str, place: str) -> Job:
    """The reflection of a tenant's users who are due in a slot."""
    job_id = _job_id("reflection.run", tenant_id, place)
    return Job(job_id, "reflection.run", tenant_id, RunReflection(job_id=job_id))


def _job_id(kind: str, tenant_id: str, place: str) -> UUID:
    return UUID(bytes=digest("scheduled job", kind, tenant_id, place)[:16])
