"""Vectors of texts: from the cache where there is one, else from the model, each text once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.domain.vectors import EmbeddingModel, Vector
from mneme_embedder.ports import EmbeddingCache, TextKey


@dataclass(frozen=True, slots=True)
class Embedding:
    """``cache`` is None for a model that computes faster than a cache answers."""

    model: EmbeddingModel
    cache: EmbeddingCache | None = None

    async def of(self, texts: Mapping[TextKey, str]) -> Mapping[TextKey, Vector]:
        """The vector of each text; at most one call of the model."""
        known = dict(await self.cache.find(list(texts), self.model.name)) if self.cache else {}
        missing = {key: text for key, text in texts.items() if key not in known}
        if not missing:
            return known
        distinct = list(dict.fromkeys(missing.values()))
        vectors = dict(zip(distinct, await self.model.embed(distinct), strict=True))
        fresh = {key: vectors[text] for key, text in missing.items()}
        if self.cache:
            await self.cache.keep(fresh, self.model.name)
        return known | fresh
