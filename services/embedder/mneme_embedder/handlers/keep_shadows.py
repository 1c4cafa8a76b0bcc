"""Shadows are cleared, filled and followed; indexes that serve no more are dropped (decision 28)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

import structlog

from mneme_common.domain.failures import PermanentError
from mneme_common.domain.vector_indexes import IndexState, VectorIndex
from mneme_common.domain.vectors import DimensionMismatchError, VectorRegistry
from mneme_common.runtime.failure_policy import Failure, classify
from mneme_embedder.decide.targets import Target
from mneme_embedder.every_index import EveryIndex
from mneme_embedder.indexing import Indexing
from mneme_embedder.ports import Clock, Indexes, Progress, Unfilled, Working

_FILLED_FROM = (IndexState.FILLING, IndexState.FOLLOWING)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepShadows:
    """One member at a time works on an index; whoever comes after one that died goes on where that one was.

    ``grace`` is how long an index is kept after it stopped to serve, for searches that still use it.
    """

    indexes: Indexes
    progress: Progress
    unfilled: Unfilled
    every: EveryIndex
    store: VectorRegistry
    clock: Clock
    grace: timedelta
    look_every: float = 1.0

    async def run(self) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log = structlog.get_logger("mneme.embedder")
                if classify(error) is Failure.DEPENDENCY:
                    log.info("shadows wait for a dependency", error=str(error))
                else:
                    log.exception("keeping shadows failed")
            await asyncio.sleep(self.look_every)

    async def look(self) -> None:
        """Does what there is to do now."""
        for index in await self.indexes.all():
            if self._is_due(index):
                async with self.indexes.working(index) as working:
                    if working is not None:
                        await self._work(index, working)

    def _is_due(self, index: VectorIndex) -> bool:
        if index.state is IndexState.RETIRED:
            return index.retired_at is None or self.clock() - index.retired_at >= self.grace
        return index.state in (IndexState.CLEARING, *_FILLED_FROM)

    async def _work(self, index: VectorIndex, working: Working) -> None:
        try:
            await self._step(index, working)
        except (PermanentError, DimensionMismatchError) as error:
            await self.progress.waits(index, str(error))
        except Exception as error:
            if classify(error) is Failure.DEPENDENCY:
                await self.progress.waits(index, str(error))
            raise

    async def _step(self, index: VectorIndex, working: Working) -> None:
        present = await working.goes_on()
        if present is None or present.state is not index.state:
            return
        if index.state is IndexState.CLEARING:
            await self._clear(index)
            await self.indexes.move(index, IndexState.CLEARING, to=IndexState.FILLING)
        elif index.state is IndexState.RETIRED:
            await self._clear(index)
            await self.indexes.move(index, IndexState.RETIRED, to=IndexState.DROPPED)
        else:
            await self._fill(index, working)

    async def _clear(self, index: VectorIndex) -> None:
        """Vectors before marks: a mark without its vector would keep the vector from ever being made."""
        await self.store.drop(index.name)
        await self.progress.forget(index)
        self.every.forget(index.choice)

    async def _fill(self, index: VectorIndex, working: Working) -> None:
        """Until everything is there; then new writes are let in, and what came in between is filled in too."""
        indexing = await self.every.of(index.choice)
        if index.state is IndexState.FILLING:
            await self.progress.expect(index, await self.unfilled.count(index.name))
        lacking = await self._pass(index, indexing, working)
        if index.state is IndexState.FILLING:
            await self.indexes.move(index, IndexState.FILLING, to=IndexState.FOLLOWING)
        elif not lacking:
            await self.indexes.move(index, IndexState.FOLLOWING, to=IndexState.READY)

    async def _pass(self, index: VectorIndex, indexing: Indexing, working: Working) -> int:
        """How many versions were lacking, those aside that the model refuses. Ends early when the index is let go."""
        lacking = 0
        async with aclosing(self.unfilled.history(index.name)) as pages:
            async for page in pages:
                refused = await self._index(indexing, page)
                lacking += len(page) - refused
                await self.progress.filled(index, len(page) - refused, refused if index.state is _FILLED_FROM[0] else 0)
                present = await working.goes_on()
                if present is None or present.state is not index.state:
                    return lacking + 1
        return lacking

    async def _index(self, indexing: Indexing, page: Sequence[Target]) -> int:
        """How many texts the model refused: each of them is left out alone."""
        try:
            await indexing.bring_up_to_date(page)
        except PermanentError as error:
            if len(page) > 1:
                return sum([await self._index(indexing, [target]) for target in page])
            log = structlog.get_logger("mneme.embedder")
            log.warning("cannot be indexed", record=str(page[0].record_id), reason=error.reason)
            return 1
        return 0
