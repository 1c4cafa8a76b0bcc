"""One record of the jobs topic, from its arrival to its acknowledgement.

The row of the job is what counts: it is claimed, kept by a lease while the work goes on, and settled before the record
is acknowledged. So a record that comes twice finds nothing left to do, and a job whose worker dies is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from mneme_common.contracts.codec import decode, parse_json
from mneme_common.contracts.dead_letters import DeadLetterStore, Record, redriven_letter
from mneme_common.contracts.envelope import InvalidEventError, OutgoingRecord, from_headers
from mneme_common.contracts.jobs import JOB_TYPES, Job, JobData, JobRows, Settlement
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.burial import letter_of, mirror_of
from mneme_common.runtime.failure_policy import ATTEMPTS_ALONE, Failure, classify, delay, reason_of
from mneme_common.runtime.lane import AbandonedError, Patience
from mneme_common.runtime.stage import Checkpoint, Step, ignore

LEASE_SECONDS = 30.0
ATTEMPTS_IN_ALL = 20
"""Then a job counts as one that kills its workers."""

T = TypeVar("T")
Emit = Callable[[Sequence[OutgoingRecord]], Awaitable[None]]
"""Produces and waits for the acknowledgements; raises DependencyError."""


class JobHandler(Protocol):
    """Does the work of one kind of job."""

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """The result; doing it again, whole or after a part, does no harm. PermanentError: it will never succeed."""


@dataclass(kw_only=True, slots=True)
class JobDelivery:
    """Works on the records of one incarnation; raises AbandonedError when a record is not to be acknowledged."""

    stage: str
    handlers: Mapping[str, JobHandler]
    rows: JobRows
    letters: DeadLetterStore
    emit: Emit
    patience: Patience
    checkpoint: Checkpoint = ignore
    lease_seconds: float = LEASE_SECONDS
    _log: structlog.stdlib.BoundLogger = field(default_factory=lambda: structlog.get_logger("mneme.jobs"))

    async def deliver(self, record: Record) -> str:
        """What became of the record: ``applied``, ``skipped`` or ``buried``; it may be acknowledged then."""
        try:
            kind, job_id = _read(record)
            job = await self._claim(kind, job_id)
        except (InvalidEventError, PermanentError) as error:
            await self._bury(record, error)
            return "buried"
        if job is not None and job.attempt > ATTEMPTS_IN_ALL:
            await self._settle(job, Settlement("failed", error=f"begun {ATTEMPTS_IN_ALL} times and never ended"))
        elif job is not None:
            await self._work(job)
        await self._resolve(record)
        return "skipped" if job is None else "applied"

    async def _claim(self, kind: str, job_id: UUID) -> Job | None:
        if kind not in self.handlers:
            return None
        return await self._insist("claim", lambda: self.rows.claim(job_id, self.lease_seconds))

    async def _work(self, job: Job) -> None:
        working = asyncio.create_task(self._settlement(job), name=f"job-{job.kind}")
        keeping = asyncio.create_task(self._keep(job), name="job-lease")
        leaving = asyncio.create_task(self.patience.abandon.wait(), name="job-abandon")
        try:
            await asyncio.wait({working, keeping, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if working.done() and working.exception() is None:
                await self._settle(job, working.result())
            elif leaving.done():
                await self._give_back(job)
            elif working.done():
                working.result()
        finally:
            for task in (working, keeping, leaving):
                task.cancel()
            await asyncio.gather(working, keeping, leaving, return_exceptions=True)

    async def _settle(self, job: Job, settlement: Settlement) -> None:
        await self.checkpoint(Step.EMITTED)
        await self._insist("settle", lambda: self.rows.settle(job, settlement))
        await self.checkpoint(Step.COMMITTED)
        self._log.info("job over", job=str(job.job_id), kind=job.kind, status=settlement.status)

    async def _settlement(self, job: Job) -> Settlement:
        """Tries until it succeeds, will never succeed, or has failed three times for an unknown reason."""
        failures = 0
        while True:
            try:
                result = await self._insist("work", lambda: self.handlers[job.kind](job, self.emit))
            except PermanentError as error:
                return Settlement("failed", error=str(error))
            except AbandonedError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, the row tells it)
                failures += 1
                self._log.warning("job failed", job=str(job.job_id), kind=job.kind, attempt=failures, exc_info=error)
                if failures == ATTEMPTS_ALONE:
                    return Settlement("failed", error=": ".join(reason_of(error)))
                await self.patience.pause(delay(failures))
            else:
                return Settlement("done", result=result)

    async def _keep(self, job: Job) -> None:
        """Renews the lease; returns when it is lost, which ends the work."""
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            try:
                kept = await self.rows.renew(job, self.lease_seconds)
            except Exception as error:  # noqa: BLE001  (an absent database costs a renewal, nothing else)
                self._log.debug("lease not renewed", error=type(error).__name__)
                continue
            if not kept:
                self._log.warning("job taken over by another worker", job=str(job.job_id), kind=job.kind)
                return

    async def _give_back(self, job: Job) -> None:
        """Lets another worker begin at once; without a database the lease runs out by itself."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.rows.settle(job, Settlement("queued")), 2.0)
        raise AbandonedError

    async def _bury(self, record: Record, error: Exception) -> None:
        letter = letter_of(record, self.stage, *reason_of(error), attempts=1)
        await self._insist("bury", lambda: self.letters.bury([letter]))
        await self._insist("bury", lambda: self.emit([mirror_of(letter)]))
        self._log.warning("event buried", topic=record.topic, offset=record.offset, reason=letter.reason)

    async def _resolve(self, record: Record) -> None:
        letter = redriven_letter(record)
        if letter is not None:
            await self._insist("resolve", lambda: self.letters.resolve(self.stage, [letter]))

    async def _insist(self, what: str, act: Callable[[], Awaitable[T]]) -> T:
        attempt = 0
        while True:
            try:
                done = await act()
            except Exception as error:
                if classify(error) is not Failure.DEPENDENCY:
                    raise
                attempt += 1
                self.patience.waiting.add(what)
                self._log.info("waiting for a dependency", doing=what, attempt=attempt, error=type(error).__name__)
                await self.patience.pause(delay(attempt))
            else:
                self.patience.waiting.discard(what)
                return done


def _read(record: Record) -> tuple[str, UUID]:
    attributes = from_headers(record.headers)
    if attributes is None:
        raise InvalidEventError("a job is a CloudEvent")
    data = decode(JOB_TYPES, attributes.type, attributes.version, parse_json(record.value))
    if not isinstance(data, JobData):
        raise InvalidEventError("a job names its row")
    return attributes.type, data.job_id
