"""Which index searches use: that of the row that says so, whatever the settings were when the process began."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field

import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vector_indexes import IndexState, ModelChoice, VectorIndex, serving_of, shadow_of
from mneme_common.domain.vectors import OpenableModel
from mneme_gateway.search.service import Search, SearchedIndex

LOOK_SECONDS = 5.0
"""How often the rows are read without a notification; an index is kept for longer than that after it served."""

_PROBE = "a probe"
_UNUSABLE = (DependencyError, PermanentError)


@dataclass(slots=True)
class ServingIndexes:
    """Follows the rows: a flip takes effect between two searches of a process, never within one."""

    search: Search
    read: Callable[[], Awaitable[Sequence[VectorIndex]]]
    open_model: Callable[[ModelChoice], AbstractAsyncContextManager[OpenableModel]]
    index_of: Callable[[OpenableModel], SearchedIndex]
    served: SearchedIndex
    _hinted: asyncio.Event = field(default_factory=asyncio.Event)
    _shadow: SearchedIndex | None = None
    _models: dict[str, OpenableModel] = field(default_factory=dict)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def hint(self) -> None:
        """A row may have changed."""
        self._hinted.set()

    async def run(self) -> None:
        """Follows until cancelled."""
        log = structlog.get_logger("mneme.gateway")
        async with self._open:
            while True:
                self._hinted.clear()
                try:
                    await self.follow()
                except _UNUSABLE as error:
                    log.info("the index that is wanted cannot be searched", error=str(error))
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._hinted.wait()
                except TimeoutError:
                    continue

    async def follow(self) -> None:
        """Reads the rows and serves what they say; raises DependencyError, PermanentError for want of credentials."""
        rows = await self.read()
        serving, shadow = serving_of(rows), shadow_of(rows)
        if serving is not None and serving.name != self.served.model:
            self.served = await self._index(serving)
            structlog.get_logger("mneme.gateway").info("another index serves", model=serving.name)
        if shadow is None or shadow.state is IndexState.CLEARING:
            self._shadow = None
        self.search.serve(self.served, self._shadow)
        if shadow is not None and shadow.state is not IndexState.CLEARING:
            self._shadow = await self._index(shadow)
            self.search.serve(self.served, self._shadow)

    async def usable(self, choice: ModelChoice) -> str | None:
        """Why this process could not search with the model, None when it can."""
        try:
            model = await self._model(choice)
            await model.embed([_PROBE])
        except _UNUSABLE as error:
            return str(error)
        return None

    async def _index(self, index: VectorIndex) -> SearchedIndex:
        if self._shadow is not None and self._shadow.model == index.name:
            return self._shadow
        return self.index_of(await self._model(index.choice))

    async def _model(self, choice: ModelChoice) -> OpenableModel:
        if choice.name not in self._models:
            self._models[choice.name] = await self._open.enter_async_context(self.open_model(choice))
        return self._models[choice.name]
