"""The offline default: as its package computes it, without its padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import wordllama

from mneme_common.adapters.embedding_wordllama import WordLlamaModel


@pytest.fixture
async def model() -> WordLlamaModel:
    """The model, open."""
    opened = WordLlamaModel()
    await opened.open()
    await opened.open()
    return opened


async def test_vectors_are_those_of_the_package(model: WordLlamaModel) -> None:
    texts = ["Ada lives in Berlin.", "What does Grace like?", "yes", "a much longer text " * 30]
    package = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    expected = package.embed(texts, norm=True)
    assert np.abs(await model.embed(texts) - np.asarray(expected)).max() < 1e-5


async def test_a_text_without_tokens_gives_a_zero_vector(model: WordLlamaModel) -> None:
    vectors = await model.embed(["", "word"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0.0, 1.0], abs=1e-5)


async def test_the_dimension_of_a_model_is_known_once_it_is_open() -> None:
    model = WordLlamaModel()
    with pytest.raises(RuntimeError, match="not been opened"):
        _ = model.dimension
    await model.embed(["the first text opens it"])
    assert model.dimension == 256
