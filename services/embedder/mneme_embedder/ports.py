"""What the embedder needs of the world, besides a vector store and an embedding model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mneme_common.domain.vectors import Closing, Point, Vector
from mneme_embedder.decide.plan import RecordState
from mneme_embedder.decide.targets import Target

Clock = Callable[[], datetime]
"""Now, with a time zone."""

TextKey = tuple[str, str]
"""Tenant and hash of a text: tenants share no cache entry."""


class Records(Protocol):
    """The rows of messages and memories, and what the index knows of them."""

    async def states(self, targets: Sequence[Target], model: str) -> Sequence[RecordState | None]:
        """The state of each target, None for one that has no row."""

    async def mark(self, points: Sequence[tuple[Target, Point]], closings: Sequence[Closing]) -> Sequence[Target]:
        """Remembers what is stored; the targets among ``points`` whose rows have gone meanwhile, unremembered."""

    async def forget(self, targets: Sequence[Target], model: str) -> None:
        """Remembers nothing of targets that have no row."""


class Unindexed(Protocol):
    """Versions that the index lacks, or whose end it does not know."""

    def pages(self, model: str) -> AsyncGenerator[Sequence[Target], None]:
        """Batches of them, with their texts; ends when there are none or another member is at it."""


class EmbeddingCache(Protocol):
    """Vectors of texts that were embedded before."""

    async def find(self, keys: Sequence[TextKey], model: str) -> Mapping[TextKey, Vector]:
        """The vectors that are known."""

    async def keep(self, vectors: Mapping[TextKey, Vector], model: str) -> None:
        """Remembers vectors; one that is known stays."""
