"""Jobs: work that an operator asks for or that is due by the clock.

A job is a row of the table ``jobs``; its record on the topic only says that there is one to do. So a record may come
twice or get lost with the embedded broker: the row tells whether anything is left to do, and who is doing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from pydantic import Field

from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import EventData, Label
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import JOBS
from mneme_common.domain.limits import VERSION_MAX
from mneme_common.domain.metadata import JsonValue

SYSTEM = "system"
"""Stands in a record's key where a job concerns a whole tenant (as user) or all of them (as tenant)."""

EVERY_TENANT = "*"
"""The tenant of a job that concerns all of them; no tenant may be called so."""


class JobData(EventData):
    """What every job says: which row it is about."""

    job_id: UUID


class RunRetention(JobData):
    """``retention.run``: apply a tenant's retention policy (S2-27); a dry run only counts.

    ``decay`` ends memories whose strength has fallen below ``decay_below`` (S1-22).
    """

    actions: list[Literal["archive", "delete", "decay"]] = Field(min_length=1)
    dry_run: bool = False
    decay_below: float = Field(default=0.05, ge=0.0, le=1.0)


class ExpireMemories(JobData):
    """``memories.expire``: forget the memories of a tenant whose time to live is over (S1-22)."""


class VerifyReplay(JobData):
    """``replay.verify``: fold a ledger into an empty database and compare it with the records.

    With ``redecide``, also say where today's code would decide otherwise than the ledger says was decided.
    """

    user_id: str | None = None
    redecide: bool = False


class RunReflection(JobData):
    """``reflection.run``: memories that belong together become one (S1-14); a dry run only tells which do.

    It concerns the user who is named, else those who are due.
    """

    user_id: str | None = None
    dry_run: bool = False


class RerunExtraction(JobData):
    """``extraction.rerun``: read recorded messages again and compare what is found with what is live.

    Nothing is changed. A run that is named again goes on where it stopped; another model or extractor is another run.
    """

    run: Label
    user_id: str | None = None
    extractor: Literal["rules", "openai"] | None = None
    model: Label | None = None


class AcceptExtraction(JobData):
    """``extraction.accept``: take over what a run has found, for those users of it who are named, else for all."""

    run: Label
    user_id: str | None = None


class PreviewExtraction(JobData):
    """``extraction.preview``: read a text that is not to be kept; it is in a row of its own."""

    preview_id: UUID
    user_id: str


class AnnotateSchema(JobData):
    """``schema.annotate``: a model says how the classes of a version are identified and searched (S1-40)."""

    schema_version: int = Field(ge=1, le=VERSION_MAX)


class BackfillSchema(JobData):
    """``schema.backfill``: the memories of a tenant as its active schema has them (S1-48)."""

    schema_version: int = Field(ge=1, le=VERSION_MAX)


class EraseSubject(JobData):
    """``subject.erase``: everything of one user, for good (S1-37)."""

    user_id: str


class RewrapKeys(JobData):
    """``keys.rewrap``: wrap the keys of all data subjects by the present master key."""


JOB_TYPES: dict[str, type[JobData]] = {
    "retention.run": RunRetention,
    "memories.expire": ExpireMemories,
    "replay.verify": VerifyReplay,
    "reflection.run": RunReflection,
    "subject.erase": EraseSubject,
    "keys.rewrap": RewrapKeys,
    "extraction.rerun": RerunExtraction,
    "extraction.accept": AcceptExtraction,
    "extraction.preview": PreviewExtraction,
    "schema.annotate": AnnotateSchema,
    "schema.backfill": BackfillSchema,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its row has it. ``attempt`` counts the times it was begun: only the latest may end it."""

    job_id: UUID
    kind: str
    tenant_id: str
    data: JobData
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ended; ``queued`` gives the job back, to be begun again."""

    status: Literal["done", "failed", "queued"]
    result: Mapping[str, JsonValue] | None = None
    error: str | None = None


class JobRows(Protocol):
    """The table ``jobs`` as a worker uses it."""

    async def claim(self, job_id: UUID, seconds: float) -> Job | None:
        """Takes the job for so long; None when it is done or another worker has it. PermanentError: no such job."""

    async def renew(self, job: Job, seconds: float) -> bool:
        """Keeps it for so long from now; False when the attempt is not the latest any more."""

    async def settle(self, job: Job, settlement: Settlement) -> None:
        """Ends the attempt; does nothing when it is not the latest any more."""

    async def to_publish(self, incarnation: str) -> Sequence[Job]:
        """Jobs that nobody works on and that this incarnation of the log may lack; they count as published now."""


def job_record(job: Job, *, source: str, time: datetime) -> OutgoingRecord:
    """The record that announces a job, keyed by the user it concerns, else by tenant/system."""
    tenant_id = SYSTEM if job.tenant_id == EVERY_TENANT else job.tenant_id
    user_id = getattr(job.data, "user_id", None)
    attributes = Attributes(id=job.job_id.hex, type=job.kind, source=source, time=time)
    return encode(JOBS, tenant_id, user_id or SYSTEM, attributes, job.data)
