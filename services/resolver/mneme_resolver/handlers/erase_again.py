"""At the start, before anything is applied: who was erased and is back, in a restored database, is erased again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from mneme_common.contracts.erasures import ErasureRegister, SubjectErased
from mneme_common.runtime.failure_policy import Failure, classify, delay
from mneme_resolver.handlers.erase_subject import EraseSubjects
from mneme_resolver.ports import MissingErasures

_AT_ONCE = 6  # each waits for a while to look again, and the pool of connections is small


@dataclass(frozen=True, slots=True)
class EraseAgain:
    """Compares the register with the database; the gateways stay closed until the two agree."""

    register: ErasureRegister
    missing: MissingErasures
    erase: EraseSubjects

    async def __call__(self, stopping: asyncio.Event) -> None:
        """Returns when nobody is left to erase, or the process is to stop; waits for whatever is away."""
        attempt = 0
        while not stopping.is_set():
            try:
                for some in _batches(await self.missing(await self.register.erasures())):
                    await asyncio.gather(*(self._again(erasure) for erasure in some))
            except Exception as error:
                if classify(error) is not Failure.DEPENDENCY:
                    raise
                attempt += 1
                structlog.get_logger("mneme.erasures").info(
                    "waiting for a dependency", attempt=attempt, error=type(error).__name__
                )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), delay(attempt))
            else:
                return

    async def _again(self, erasure: SubjectErased) -> None:
        await self.erase.everything(erasure.tenant_id, erasure.user_id, erasure.request_id, erasure.erased_at)
        structlog.get_logger("mneme.erasures").warning("erased again after a restore", request=str(erasure.request_id))


def _batches(erasures: Sequence[SubjectErased]) -> list[Sequence[SubjectErased]]:
    return [erasures[first : first + _AT_ONCE] for first in range(0, len(erasures), _AT_ONCE)]
