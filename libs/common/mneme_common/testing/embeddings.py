"""An embedding model of a few lines: equal words give equal directions, nothing is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from mneme_common.domain.failures import DependencyError
from mneme_common.domain.vectors import Vector, Vectors, normalised


class HashedWords:
    """The sum of one pseudo-random direction a word, so that texts which share words are similar.

    ``calls`` holds the texts of every call; ``away`` makes it fail as a model would that cannot be reached.
    """

    def __init__(self, dimension: int = 64, name: str = "hashed-words") -> None:
        self.name = name
        self.dimension = dimension
        self.calls: list[list[str]] = []
        self.away = False
        self._directions: dict[str, Vector] = {}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel."""
        if self.away:
            raise DependencyError("the embedding model is away")
        self.calls.append(list(texts))
        rows = [self.vector(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def vector(self, text: str) -> Vector:
        """The vector of one text."""
        total = np.zeros((1, self.dimension), dtype=np.float32)
        for word in text.lower().split():
            total += self._direction(word)
        unit: Vector = normalised(total)[0]
        return unit

    def _direction(self, word: str) -> Vector:
        if word not in self._directions:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            generator = np.random.default_rng(seed)
            self._directions[word] = generator.standard_normal(self.dimension, dtype=np.float32)
        return self._directions[word]
