"""``replay.verify``: fold the recorded decisions into empty tables and compare (guarantee 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.contracts.jobs import EVERY_TENANT, Job, VerifyReplay
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_resolver.decide.report import Report
from mneme_resolver.ports import Replays


@dataclass(frozen=True, slots=True)
class VerifyReplays:
    """Reads only: doing it twice gives two reports."""

    replays: Replays

    async def __call__(self, job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """The report over one user, one tenant or all of them."""
        data = job.data
        if not isinstance(data, VerifyReplay):
            raise TypeError("replay.verify carries VerifyReplay")
        report = Report(redecides=data.redecide)
        if data.user_id is not None:
            await self.replays.user(job.tenant_id, data.user_id, report)
            return report.as_result()
        tenants = await self.replays.tenants() if job.tenant_id == EVERY_TENANT else [job.tenant_id]
        for tenant_id in tenants:
            await self.replays.tenant(tenant_id, report)
        return report.as_result()
