"""``memories.expire``: memories whose time to live is over are forgotten (S1-22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.contracts.jobs import Job
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_retention.commanding import Commanding, Tally
from mneme_retention.decide.commands import commands_for
from mneme_retention.decide.expiry import wants_expired
from mneme_retention.ports import Clock, Memories

_REASON = "time to live is over"


@dataclass(frozen=True, slots=True)
class ExpireMemoriesOfTenant:
    """Pinned memories never expire."""

    memories: Memories
    command: Commanding
    clock: Clock

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """``expired`` counts what was forgotten, ``skipped`` what somebody else changed meanwhile."""
        now, tally = self.clock(), Tally()
        async for page in self.memories.expired(job.tenant_id, now):
            due = [(memory.user_id, memory.memory_id) for memory in page if wants_expired(memory, now)]
            commands = commands_for(job.tenant_id, job.job_id, "expire", _REASON, due)
            tally += await self.command(job.tenant_id, commands, emit)
        return {"expired": tally.applied, "skipped": tally.skipped}
