"""What every embedding model promises."""

from __future__ import annotations

import numpy as np
import pytest

from mneme_common.domain.vectors import EmbeddingModel

TEXTS = ["Ada lives in Berlin", "Grace likes chess", "the weather is fine today", "Ada moved to Berlin last year"]


async def test_there_is_one_unit_vector_for_each_text(model: EmbeddingModel) -> None:
    vectors = await model.embed(TEXTS)
    assert vectors.shape == (4, model.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


async def test_vectors_come_in_the_order_of_the_texts(model: EmbeddingModel) -> None:
    together = await model.embed(TEXTS)
    backwards = await model.embed(TEXTS[::-1])
    assert np.array_equal(together, backwards[::-1])


async def test_a_vector_does_not_depend_on_its_neighbours(model: EmbeddingModel) -> None:
    together = await model.embed([*TEXTS, "word " * 3_000])
    for row, text in enumerate(TEXTS):
        assert np.array_equal(together[row], (await model.embed([text]))[0])


async def test_texts_that_share_words_are_more_similar(model: EmbeddingModel) -> None:
    vectors = await model.embed(TEXTS)
    similarity = vectors @ vectors[0]
    assert similarity[3] > similarity[1]
    assert similarity[3] > similarity[2]


async def test_no_texts_give_no_vectors(model: EmbeddingModel) -> None:
    assert (await model.embed([])).shape == (0, model.dimension)


async def test_equal_texts_have_equal_vectors(model: EmbeddingModel) -> None:
    first, second = await model.embed(["the same words", "the same words"])
    assert np.array_equal(first, second)


async def test_many_texts_are_embedded_in_one_call(model: EmbeddingModel) -> None:
    vectors = await model.embed(["even", "odd"] * 350)
    assert vectors.shape == (700, model.dimension)
    assert len(np.unique(vectors.round(5), axis=0)) == 2


@pytest.mark.parametrize("text", ["x", "日本語のテキスト", "🙂🙂", "a\nb\tc", "word " * 20_000])
async def test_unusual_texts_have_vectors_too(model: EmbeddingModel, text: str) -> None:
    (vector,) = await model.embed([text])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
