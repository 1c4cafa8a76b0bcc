"""``keys.rewrap``: what an earlier master key has wrapped is wrapped by the present one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.contracts.jobs import Job
from mneme_common.domain.metadata import JsonValue
from mneme_common.runtime.job_delivery import Emit
from mneme_resolver.ports import Rewrapping


@dataclass(frozen=True, slots=True)
class RewrapKeys:
    """Doing it twice finds nothing more to wrap."""

    keys: Rewrapping

    async def __call__(self, _job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """How many were wrapped anew; ``unreadable`` ones need a key that was not given."""
        done = unreadable = 0
        async for page in self.keys.pages():
            done += page.done
            unreadable += page.unreadable
        return {"key": self.keys.key, "rewrapped": done, "unreadable": unreadable}
