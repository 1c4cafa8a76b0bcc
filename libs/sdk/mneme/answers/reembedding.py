"""What operators are told of the indexes of vectors."""

from __future__ import annotations

from dataclasses import dataclass

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class VectorIndex(Answer):
    """One index: ``filled`` of ``expected`` versions have their vectors; ``problem`` is what the filling waits for."""

    model: str
    embedder: str
    state: str
    expected: int = 0
    filled: int = 0
    refused: int = 0
    progress: float = 0.0
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reembedding(Answer):
    """The index that searches use, and the one that is being filled beside it."""

    serving: VectorIndex | None = None
    shadow: VectorIndex | None = None
