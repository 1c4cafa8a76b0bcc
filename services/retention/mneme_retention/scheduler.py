"""The clock's jobs: added when a slot begins, by whichever worker looks first; the others find them there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import structlog

from mneme_common.contracts.jobs import EVERY_TENANT
from mneme_retention.decide.schedule import expiry_job, reflection_job, retention_job, slot
from mneme_retention.ports import Clock, JobBook

_LOOK_EVERY_SECONDS = 1.0
_FINISHED_JOBS_ARE_KEPT = timedelta(days=30)


@dataclass(slots=True)
class Scheduler:
    """Adds the policy runs, the sweeps of expired memories and the reflections; intervals in seconds, 0 is never."""

    book: JobBook
    clock: Clock
    retention_seconds: int
    expiry_seconds: int
    tenants: Sequence[str] = (EVERY_TENANT,)
    reflection_seconds: int = 0
    _retention_slot: str = field(default="", init=False)
    _reflection_slot: str = field(default="", init=False)
    _expiry_slot: str = field(default="", init=False)

    async def run(self, stopping: asyncio.Event) -> None:
        """Looks at the clock until told to stop; a database that is away costs a look."""
        while not stopping.is_set():
            try:
                await self.tick()
            except psycopg.Error as error:
                structlog.get_logger("mneme.retention").info("schedule waits", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_SECONDS)

    async def tick(self) -> None:
        """Adds what is due now; a slot is done once."""
        now = self.clock()
        if self.retention_seconds and (place := slot(now, self.retention_seconds)) != self._retention_slot:
            await self.book.add([retention_job(tenant_id, place) for tenant_id in await self._tenants()])
            await self.book.forget_finished(now - _FINISHED_JOBS_ARE_KEPT)
            self._retention_slot = place
        if self.expiry_seconds and (place := slot(now, self.expiry_seconds)) != self._expiry_slot:
            await self.book.add([expiry_job(tenant_id, place) for tenant_id in await self._with_expired(now)])
            self._expiry_slot = place
        if self.reflection_seconds and (place := slot(now, self.reflection_seconds)) != self._reflection_slot:
            await self.book.add([reflection_job(tenant_id, place) for tenant_id in await self._tenants()])
            self._reflection_slot = place

    async def _tenants(self) -> Sequence[str]:
        return await self.book.tenants() if EVERY_TENANT in self.tenants else self.tenants

    async def _with_expired(self, now: datetime) -> Sequence[str]:
        found = await self.book.tenants_with_expired_memories(now)
        return found if EVERY_TENANT in self.tenants else [tenant for tenant in found if tenant in self.tenants]
