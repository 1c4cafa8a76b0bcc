"""A delivery of jobs with everything around it recorded."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.contracts.dead_letters import DeadLetter, Record
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import Job, RunRetention, job_record
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit, JobDelivery
from mneme_common.runtime.lane import Patience
from mneme_common.testing.jobs import JobsInMemory

Work = Callable[[Job], Awaitable[Mapping[str, JsonValue]]]


@dataclass
class Letters:
    """Dead letters in memory."""

    buried: list[DeadLetter] = field(default_factory=list)
    resolved: list[tuple[str, UUID]] = field(default_factory=list)

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        self.buried += letters

    async def resolve(self, stage: str, letters: Sequence[UUID]) -> None:
        self.resolved += [(stage, letter) for letter in letters]


@dataclass
class Bench:
    """``work`` is what a job of the kind retention.run does."""

    work: Work
    rows: JobsInMemory = field(default_factory=JobsInMemory)
    letters: Letters = field(default_factory=Letters)
    produced: list[OutgoingRecord] = field(default_factory=list)
    abandon: asyncio.Event = field(default_factory=asyncio.Event)
    worked: list[UUID] = field(default_factory=list)

    def delivery(self, lease_seconds: float = 30.0) -> JobDelivery:
        """The thing under test."""
        return JobDelivery(
            stage="retention",
            handlers={"retention.run": self},
            rows=self.rows,
            letters=self.letters,
            emit=self.emit,
            patience=Patience(self.abandon),
            lease_seconds=lease_seconds,
        )

    async def __call__(self, job: Job, _emit: Emit) -> Mapping[str, JsonValue]:
        self.worked.append(job.job_id)
        return await self.work(job)

    async def emit(self, records: Sequence[OutgoingRecord]) -> None:
        self.produced += records

    def ask(self) -> Record:
        """A job that is asked for, and its record."""
        job_id = uuid.uuid4()
        job = Job(job_id, "retention.run", "acme", RunRetention(job_id=job_id, actions=["archive"]))
        self.rows.add(job)
        return as_record(job_record(job, source="test", time=datetime.now(UTC)))


def as_record(sent: OutgoingRecord) -> Record:
    """What a consumer sees of it."""
    return Record("i", sent.topic, 0, 7, 0, sent.key, sent.value, sent.headers)
