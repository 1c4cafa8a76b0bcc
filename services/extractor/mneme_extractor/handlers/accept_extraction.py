"""``extraction.accept``: what a run found becomes what is known → commands to the resolver, each user's in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import AcceptExtraction, Job
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.identifiers import digest, proposal_event_id
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.subject import Subject
from mneme_common.runtime.job_delivery import Emit
from mneme_extractor.commanding import accepted_record
from mneme_extractor.decide.comparison import Comparison, ReadMessage, compare
from mneme_extractor.handlers.rerun_extraction import RunReport
from mneme_extractor.ports import Clock, Outcomes, Runs

_PAGE = 500
_FIRST_LOOK, _SLOWEST_LOOK = 0.05, 1.0


@dataclass(frozen=True, slots=True)
class AcceptExtractions:
    """What was written since the run read, and what somebody stored or corrected himself, is left alone."""

    runs: Runs
    outcomes: Outcomes
    clock: Clock

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """What was changed, as the run was compared at that moment; it ends when the resolver has applied all of it."""
        data = job.data
        if not isinstance(data, AcceptExtraction):
            raise TypeError("extraction.accept carries AcceptExtraction")
        report = RunReport(data.run)
        found = False
        for subject in await self.runs.users(job.tenant_id, data.user_id):
            read, live = await self.runs.found(subject, data.run)
            if read:
                found = True
                comparison = compare(read, live)
                await self._take(subject, data.run, read, comparison, emit)
                report.add(subject, len(read), comparison)
        if not found:
            raise PermanentError("unknown_run", "There is no such run, or nothing of it is left.")
        return report.as_result()

    async def _take(
        self, subject: Subject, run: str, read: Sequence[ReadMessage], comparison: Comparison, emit: Emit
    ) -> None:
        ended = [self._end(subject, run, memory_id) for memory_id in comparison.removed]
        taken = [self._proposals(subject, message, comparison) for message in read]
        commands = [*ended, *taken]
        for start in range(0, len(commands), _PAGE):
            page = commands[start : start + _PAGE]
            await emit([record for _, record in page])
            await self._applied(subject.tenant_id, [event_id for event_id, _ in page])

    async def _applied(self, tenant_id: str, events: Sequence[UUID]) -> None:
        """Waits as long as the resolver is away."""
        pause = _FIRST_LOOK
        while events := await self.outcomes.missing(tenant_id, events):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)

    def _proposals(self, subject: Subject, message: ReadMessage, comparison: Comparison) -> tuple[UUID, OutgoingRecord]:
        """Only what holds at the end and is not known; none, so that it is on record that the run has read it."""
        proposed = message.proposed
        data = proposed.model_copy(update={"proposals": comparison.taken[proposed.source_event_id]})
        event_id = proposal_event_id(proposed.source_event_id, proposed.schema_version, proposed.run)
        return event_id, accepted_record(subject, event_id, data, self.clock)

    def _end(self, subject: Subject, run: str, memory_id: UUID) -> tuple[UUID, OutgoingRecord]:
        data = DeleteMemory(memory_id=memory_id, reason=f"not found by extraction run {run}")
        event_id = UUID(bytes=digest("run ends", subject.tenant_id, subject.user_id, run, memory_id.bytes)[:16])
        return event_id, accepted_record(subject, event_id, data, self.clock)
