"""Every index that new writes reach: the one that serves, and its shadow once it follows (decision 28)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.vector_indexes import SHADOW_STATES, WRITTEN_STATES, ModelChoice, VectorIndex, serving_of
from mneme_common.domain.vectors import DimensionMismatchError
from mneme_embedder.decide.targets import Target
from mneme_embedder.indexing import Indexing
from mneme_embedder.ports import Indexes

_SHADOW_TROUBLE = (DependencyError, PermanentError, DimensionMismatchError)


@dataclass(slots=True)
class EveryIndex:
    """Brings all of them up to date with a batch of versions; ``indexing`` is that of the one that serves.

    The rows of the indexes are read with each batch. So a version whose batch did not know of a shadow was recorded
    before the shadow followed, and is found when it is filled.
    """

    indexes: Indexes
    open_index: Callable[[ModelChoice], Awaitable[Indexing]]
    indexing: Indexing
    _opened: dict[str, Indexing] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._opened[self.indexing.model] = self.indexing

    @property
    def model(self) -> str:
        """The name of the model that searches use, as the last batch knew it."""
        return self.indexing.model

    async def of(self, choice: ModelChoice) -> Indexing:
        """The indexing of a model, opened once; raises DependencyError while the model or the store is away."""
        async with self._opening:
            if choice.name not in self._opened:
                self._opened[choice.name] = await self.open_index(choice)
            return self._opened[choice.name]

    def forget(self, choice: ModelChoice) -> None:
        """The index has been dropped: its place in the store is made again before it is written to."""
        self._opened.pop(choice.name, None)

    async def bring_up_to_date(self, targets: Sequence[Target]) -> list[Target]:
        """The targets that are open and can be found by vector now, in the index that serves."""
        if not targets:
            return []
        written = [index for index in await self.indexes.all() if index.state in WRITTEN_STATES]
        serving = serving_of(written)
        if serving is not None:
            self.indexing = await self.of(serving.choice)
        stored = await self.indexing.bring_up_to_date(targets)
        for index in written:
            if index.state in SHADOW_STATES:
                await self._follow(index, targets)
        return stored

    async def _follow(self, index: VectorIndex, targets: Sequence[Target]) -> None:
        """A shadow that is in trouble keeps nobody waiting: it is filled again from the rows."""
        try:
            await (await self.of(index.choice)).bring_up_to_date(targets)
        except _SHADOW_TROUBLE as error:
            structlog.get_logger("mneme.embedder").warning("a shadow is behind", model=index.name, error=str(error))
            await self.indexes.behind(index, str(error))
