"""The cache of vectors: by tenant, text and model, in bulk."""

from __future__ import annotations

import numpy as np
import pytest

from mneme_common.testing.embeddings import HashedWords
from mneme_embedder.embedding import Embedding
from mneme_embedder.store.embedding_cache import EmbeddingCacheRows
from tests.fixtures.databases import MnemeDatabase
from tests.integration.embedder.rows import writer


async def test_kept_vectors_are_found_at_unit_length(database: MnemeDatabase) -> None:
    model = HashedWords(256)
    kept = {("acme", str(n)): model.vector(f"text {n}") for n in range(300)}
    async with writer(database) as pool:
        cache = EmbeddingCacheRows(pool)
        await cache.keep(kept, model.name)
        found = await cache.find([*kept, ("acme", "unknown")], model.name)
    assert found.keys() == kept.keys()
    for key, vector in found.items():
        assert np.abs(vector - kept[key]).max() < 1e-3
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


async def test_another_tenant_or_model_finds_nothing(database: MnemeDatabase) -> None:
    model = HashedWords()
    async with writer(database) as pool:
        cache = EmbeddingCacheRows(pool)
        await cache.keep({("acme", "1"): model.vector("text")}, model.name)
        assert await cache.find([("globex", "1")], model.name) == {}
        assert await cache.find([("acme", "1")], "another-model") == {}


async def test_keeping_a_vector_twice_changes_nothing(database: MnemeDatabase) -> None:
    model = HashedWords()
    async with writer(database) as pool:
        cache = EmbeddingCacheRows(pool)
        for text in ("text", "something else"):
            await cache.keep({("acme", "1"): model.vector(text)}, model.name)
        found = await cache.find([("acme", "1")], model.name)
    assert np.abs(found["acme", "1"] - model.vector("text")).max() < 1e-3


async def test_a_text_seen_before_does_not_reach_the_model_again(database: MnemeDatabase) -> None:
    model = HashedWords()
    async with writer(database) as pool:
        for _ in range(2):
            embedding = Embedding(model, EmbeddingCacheRows(pool))
            await embedding.of({("acme", "1"): "yes", ("acme", "2"): "no"})
    assert model.calls == [["yes", "no"]]
