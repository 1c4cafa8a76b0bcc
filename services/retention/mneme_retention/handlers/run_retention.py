"""``retention.run``: a tenant's policy, applied to its messages (S2-27), and the decay of memories (S1-22)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mneme_common.contracts.jobs import Job, RunRetention
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_retention.commanding import Commanding, Tally
from mneme_retention.decide.commands import Act, commands_for
from mneme_retention.decide.decay import YOUNG, wants_faded
from mneme_retention.decide.policy import Mode, StoredMessage, wants_archived, wants_deleted
from mneme_retention.ports import Clock, Memories, Messages

_REASON = "retention policy"
_FADED = "not needed for long"


@dataclass(frozen=True, slots=True)
class RunRetentionPolicy:
    """Archives, deletes and lets fade what is wanted; a dry run counts the same records and changes nothing."""

    messages: Messages
    memories: Memories
    command: Commanding
    clock: Clock
    mode: Mode

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """``archived`` and ``deleted`` count what was changed, ``skipped`` what somebody else changed meanwhile."""
        data = job.data
        if not isinstance(data, RunRetention):
            raise TypeError("retention.run carries RunRetention")
        now = self.clock()
        policy = await self.messages.policy(job.tenant_id)
        archived = deleted = Tally()
        if "delete" in data.actions:
            pages = self.messages.to_delete(job.tenant_id, policy, now)
            due = _due(pages, lambda message: wants_deleted(message, policy, now))
            deleted = await self._apply(job, data.dry_run, "delete", due, emit)
        if "archive" in data.actions:
            pages = self.messages.to_archive(job.tenant_id, policy, now)
            due = _due(pages, lambda message: wants_archived(message, policy, self.mode, now))
            archived = await self._apply(job, data.dry_run, "archive", due, emit)
        result: dict[str, JsonValue] = {
            "archived": archived.applied,
            "deleted": deleted.applied,
            "skipped": archived.skipped + deleted.skipped,
            "dry_run": data.dry_run,
        }
        if "decay" in data.actions:
            faded = await self._apply(
                job, data.dry_run, "decay", self._faded(job.tenant_id, data.decay_below, now), emit
            )
            result |= {"decayed": faded.applied, "skipped": archived.skipped + deleted.skipped + faded.skipped}
        return result

    async def _faded(self, tenant_id: str, below: float, now: datetime) -> AsyncIterator[list[tuple[str, UUID]]]:
        async for page in self.memories.idle(tenant_id, now - YOUNG):
            yield [(memory.user_id, memory.memory_id) for memory in page if wants_faded(memory, below, now)]

    async def _apply(
        self, job: Job, dry_run: bool, act: Act, due: AsyncIterator[list[tuple[str, UUID]]], emit: Emit
    ) -> Tally:
        tally = Tally()
        async for page in due:
            if dry_run:
                tally += Tally(applied=len(page))
            else:
                commands = commands_for(job.tenant_id, job.job_id, act, _FADED if act == "decay" else _REASON, page)
                tally += await self.command(job.tenant_id, commands, emit)
        return tally


async def _due(
    pages: AsyncIterator[Sequence[StoredMessage]], wanted: Callable[[StoredMessage], bool]
) -> AsyncIterator[list[tuple[str, UUID]]]:
    async for page in pages:
        yield [(message.user_id, message.message_id) for message in page if wanted(message)]
