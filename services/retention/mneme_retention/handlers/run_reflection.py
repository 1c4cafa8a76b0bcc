"""``reflection.run``: memories that belong together become one that says the same in fewer words (S1-14, S4-38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mneme_common.contracts.commands import DeleteMemory, StoreMemory
from mneme_common.contracts.jobs import Job, RunReflection
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_retention.commanding import Commanding
from mneme_retention.decide.reflection import Cluster, find_clusters, is_due, stale
from mneme_retention.decide.reflection_commands import command_id, end_command, store_command
from mneme_retention.ports import Clock, Distiller, Reflections

_SHOWN = 50


@dataclass(slots=True)
class _Tally:
    users: int = 0
    candidates: int = 0
    created: int = 0
    ended: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    shown: list[JsonValue] = field(default_factory=list)
    made_by: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunReflections:
    """For the users who are due, or for the one who is named; a dry run only finds what belongs together.

    ``threshold`` memories that are new since the last time make a user due, or any once ``interval`` is over.
    """

    reflections: Reflections
    distil: Distiller
    command: Commanding
    clock: Clock
    threshold: int
    interval: timedelta

    async def __call__(self, job: Job, emit: Emit, /) -> Mapping[str, JsonValue]:
        """How many memories were made, of how many clusters and by what; what sources and results weigh in bytes."""
        data = job.data
        if not isinstance(data, RunReflection):
            raise TypeError("reflection.run carries RunReflection")
        now, tally = self.clock(), _Tally()
        for user in await self.reflections.users(job.tenant_id, data.user_id):
            named = data.user_id is not None
            if named or is_due(now, user.new, user.reflected_at, threshold=self.threshold, interval=self.interval):
                await self._reflect(job, user.user_id, data, emit, tally)
        return {
            "users": tally.users,
            "scenes_created": tally.created,
            "candidates_found": tally.candidates,
            "ended": tally.ended,
            "bytes_of_sources": tally.bytes_before,
            "bytes_of_scenes": tally.bytes_after,
            "candidates": tally.shown,
            "made_by": dict(tally.made_by),
        }

    async def _reflect(self, job: Job, user_id: str, data: RunReflection, emit: Emit, tally: _Tally) -> None:
        nodes, known = await self.reflections.load(job.tenant_id, user_id)
        clusters = find_clusters(nodes)
        tally.users += 1
        tally.candidates += len(clusters)
        tally.shown += [_shown(cluster) for cluster in clusters][: _SHOWN - len(tally.shown)]
        if data.dry_run:
            return
        distilled = [await self.distil(job.tenant_id, user_id, cluster) for cluster in clusters]
        for item in distilled:
            if item is not None:
                tally.made_by[item.made_by] = tally.made_by.get(item.made_by, 0) + 1
        stores = [store_command(item) for item in distilled if item is not None]
        made = frozenset((store.namespace, store.key or "") for store in stores)
        ends = [end_command(item) for item in stale(known, made)]
        tally.created += await self._issue(job, user_id, stores, emit)
        tally.ended += await self._issue(job, user_id, ends, emit)
        tally.bytes_before += sum(len(node.content.encode()) for cluster in clusters for node in cluster.members)
        tally.bytes_after += sum(len(store.content.encode()) for store in stores)
        await self.reflections.reflected(job.tenant_id, user_id, self.clock())

    async def _issue(self, job: Job, user_id: str, commands: Sequence[StoreMemory | DeleteMemory], emit: Emit) -> int:
        """How many of them changed something."""
        issued = {command_id(job.tenant_id, user_id, job.job_id, data): data for data in commands}
        outcomes = await self.command.issue(job.tenant_id, user_id, issued, emit)
        return sum(outcome.get("status") in (201, 204) for outcome in outcomes.values())


def _shown(cluster: Cluster) -> JsonValue:
    """By ids: the result of a job tells nobody what was said."""
    return {
        "signal": cluster.signal,
        "importance": cluster.importance,
        "memory_ids": [str(node.memory_id) for node in cluster.members],
    }
