"""Whatever the index lacks, told by PostgreSQL alone: brought up to date beside the log, not before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from mneme_common.domain.failures import PermanentError
from mneme_common.runtime.failure_policy import Failure, classify, delay
from mneme_embedder.decide.targets import Target
from mneme_embedder.ports import Indexer, Unindexed


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Runs until it is cancelled; a pass begins whenever somebody wakes it: at the start, on a new log."""

    unindexed: Unindexed
    indexing: Indexer
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Asks for a pass."""
        self._woken.set()

    async def run(self) -> None:
        """Passes, each repeated until nothing that it needs is away; one that fails otherwise is left to the next."""
        log = structlog.get_logger("mneme.embedder")
        while True:
            await self._woken.wait()
            self._woken.clear()
            attempt = 0
            while (error := await self._attempt()) is not None:
                attempt += 1
                log.info("catching up waits for a dependency", attempt=attempt, error=str(error))
                await asyncio.sleep(delay(attempt))

    async def pass_once(self) -> int:
        """One pass; the number of versions that it looked at."""
        total = 0
        async with aclosing(self.unindexed.pages(self.indexing.model)) as pages:
            async for page in pages:
                await self._index(page)
                total += len(page)
        return total

    async def _attempt(self) -> Exception | None:
        try:
            total = await self.pass_once()
        except Exception as error:  # noqa: BLE001  (a fault of one pass must not end all of them)
            if classify(error) is Failure.DEPENDENCY:
                return error
            structlog.get_logger("mneme.embedder").exception("catching up failed")
            return None
        if total:
            structlog.get_logger("mneme.embedder").info("index caught up", versions=total, model=self.indexing.model)
        return None

    async def _index(self, page: Sequence[Target]) -> None:
        """A text that the model refuses is left out alone; it is tried again at the next start."""
        try:
            await self.indexing.bring_up_to_date(page)
        except PermanentError as error:
            if len(page) == 1:
                log = structlog.get_logger("mneme.embedder")
                log.warning("cannot be indexed", record=str(page[0].record_id), reason=error.reason)
                return
            for target in page:
                await self._index([target])
