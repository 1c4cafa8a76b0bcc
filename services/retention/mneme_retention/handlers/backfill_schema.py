"""``schema.backfill``: memories as the active schema has them, user by user → commands to the resolver (S1-48)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.contracts.jobs import BackfillSchema, Job
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_retention.commanding import Commanding
from mneme_retention.decide.backfill import Gone, schema_command
from mneme_retention.ports import Backfills, OutdatedMemories


@dataclass(frozen=True, slots=True)
class BackfillSchemas:
    """What is begun again goes on after the last user who is done; a version that is active no more ends it."""

    backfills: Backfills
    memories: OutdatedMemories
    command: Commanding

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """How many users and memories it was; ``superseded`` when another version has taken its place."""
        data = job.data
        if not isinstance(data, BackfillSchema):
            raise TypeError("schema.backfill carries BackfillSchema")
        version = data.schema_version
        after = await self.backfills.begin(job.tenant_id, version, job.job_id)
        while after is not None and (users := await self.memories.users(job.tenant_id, version, after)):
            for user_id in users:
                gone = await self._bring_up(job, user_id, version, emit)
                if not await self.backfills.advance(job.tenant_id, version, job.job_id, user_id, gone):
                    return {"schema_version": version, "superseded": True}
                after = user_id
        done = await self.backfills.finish(job.tenant_id, version, job.job_id) if after is not None else None
        return {"schema_version": version, "superseded": True} if done is None else {"schema_version": version, **done}

    async def _bring_up(self, job: Job, user_id: str, version: int, emit: Emit) -> Gone:
        """Until nothing is left, or nothing more is changed: what the resolver leaves alone it would leave again."""
        whole = Gone()
        while (outdated := await self.memories.outdated(job.tenant_id, user_id, version)) is not None:
            event_id, data = schema_command(job.tenant_id, user_id, job.job_id, outdated)
            outcomes = await self.command.issue(job.tenant_id, user_id, {event_id: data}, emit)
            outcome = outcomes[event_id]
            applied = int(outcome.get("applied", 0))
            whole += Gone(applied, int(outcome.get("collisions", 0)))
            if applied == 0:
                break
        return whole
