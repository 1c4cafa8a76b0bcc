"""Vectors of a batch's texts: each once, from the cache where there is one."""

from __future__ import annotations

import numpy as np

from mneme_common.testing.embeddings import HashedWords
from mneme_embedder.embedding import Embedding
from tests.unit.embedder.fakes import CacheInMemory


async def test_each_distinct_text_is_embedded_once_in_one_call() -> None:
    model = HashedWords()
    vectors = await Embedding(model).of({("acme", "1"): "yes", ("globex", "1"): "yes", ("acme", "2"): "no"})
    assert model.calls == [["yes", "no"]]
    assert np.array_equal(vectors["acme", "1"], vectors["globex", "1"])
    assert np.array_equal(vectors["acme", "2"], model.vector("no"))


async def test_a_cached_text_is_not_embedded_again() -> None:
    model, cache = HashedWords(), CacheInMemory()
    embedding = Embedding(model, cache)
    first = await embedding.of({("acme", "1"): "yes"})
    second = await embedding.of({("acme", "1"): "yes", ("acme", "2"): "no"})
    assert model.calls == [["yes"], ["no"]]
    assert np.array_equal(first["acme", "1"], second["acme", "1"])


async def test_tenants_share_no_cache_entry() -> None:
    model, cache = HashedWords(), CacheInMemory()
    await Embedding(model, cache).of({("acme", "1"): "yes"})
    await Embedding(model, cache).of({("globex", "1"): "yes"})
    assert model.calls == [["yes"], ["yes"]]


async def test_a_batch_that_is_cached_needs_no_model() -> None:
    model, cache = HashedWords(), CacheInMemory()
    await Embedding(model, cache).of({("acme", "1"): "yes"})
    model.away = True
    assert ("acme", "1") in await Embedding(model, cache).of({("acme", "1"): "yes"})
