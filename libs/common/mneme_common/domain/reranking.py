"""The second stage of a search: query and texts are read together, which is slow and tells more (S4-57)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Says how well each text answers a query."""

    @property
    def name(self) -> str:
        """The model, for explanations."""

    async def scores(self, tenant_id: str, query: str, texts: Sequence[str]) -> Sequence[float]:
        """One number from 0 to 1 a text, in their order; higher is better.

        Raises DependencyError while the model is away, PermanentError when it is not there or answers nonsense.
        """
