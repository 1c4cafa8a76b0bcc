"""What the embedder needs of the world, besides a vector store and an embedding model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from mneme_common.domain.vector_indexes import IndexState, VectorIndex
from mneme_common.domain.vectors import Closing, Point, Vector
from mneme_embedder.decide.plan import RecordState
from mneme_embedder.decide.targets import Target

Clock = Callable[[], datetime]
"""Now, with a time zone."""

TextKey = tuple[str, str]
"""Tenant and hash of a text: tenants share no cache entry."""


class Indexer(Protocol):
    """Whatever brings vectors up to date with the rows."""

    @property
    def model(self) -> str:
        """The name of the model whose vectors searches use."""

    async def bring_up_to_date(self, targets: Sequence[Target]) -> list[Target]:
        """The targets that are open and can be found by vector now; doing it again changes nothing."""


class Records(Protocol):
    """The rows of messages and memories, and what the index knows of them."""

    async def states(self, targets: Sequence[Target], model: str) -> Sequence[RecordState | None]:
        """The state of each target, None for one that has no row."""

    async def mark(self, points: Sequence[tuple[Target, Point]], closings: Sequence[Closing]) -> Sequence[Target]:
        """Remembers what is stored; the targets among ``points`` whose rows have gone meanwhile, unremembered."""

    async def forget(self, targets: Sequence[Target], model: str) -> None:
        """Remembers nothing of targets that have no row."""


class Unindexed(Protocol):
    """Versions that an index lacks, or whose end it does not know."""

    def pages(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """Batches of them, with their texts; ends when there are none or another member is at it."""


class Unfilled(Protocol):
    """What a shadow lacks: the same, and versions that ended before it had them, for searches of the past."""

    def history(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """Batches of them, with their texts."""

    async def count(self, model: str) -> int:
        """How many there are."""


class Working(Protocol):
    """An index that no other member works on."""

    async def goes_on(self) -> VectorIndex | None:
        """The index as it is now, None once it is not ours to work on any more."""


class Indexes(Protocol):
    """The rows of the vector indexes."""

    async def all(self) -> Sequence[VectorIndex]:
        """Every index; raises DependencyError."""

    def working(self, index: VectorIndex) -> AbstractAsyncContextManager[Working | None]:
        """Keeps other members from the index meanwhile; None when one of them is at it."""

    async def move(self, index: VectorIndex, state: IndexState, *, to: IndexState) -> bool:
        """From one state to another; False when it is not in the first any more."""

    async def behind(self, index: VectorIndex, problem: str) -> None:
        """A shadow could not keep up: it is to be filled again from the rows before it may serve."""


class Progress(Protocol):
    """What operators are told of the filling of a shadow."""

    async def expect(self, index: VectorIndex, lacking: int) -> None:
        """So many versions are still to be embedded."""

    async def filled(self, index: VectorIndex, versions: int, refused: int) -> None:
        """So many more have been, and so many more the model refused; whatever it waited for is there."""

    async def waits(self, index: VectorIndex, problem: str) -> None:
        """What it waits for."""

    async def forget(self, index: VectorIndex) -> None:
        """Nothing is remembered of the index any more: neither marks nor cached vectors."""


class EmbeddingCache(Protocol):
    """Vectors of texts that were embedded before."""

    async def find(self, keys: Sequence[TextKey], model: str) -> Mapping[TextKey, Vector]:
        """The vectors that are known."""

    async def keep(self, vectors: Mapping[TextKey, Vector], model: str) -> None:
        """Remembers vectors; one that is known stays."""
