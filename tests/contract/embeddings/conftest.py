"""One suite for every embedding model: the fake, the offline default, FastEmbed, the OpenAI API over a real wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mneme_common.adapters.embedding_fastembed import FastEmbedModel
from mneme_common.adapters.embedding_openai import OpenAIEmbeddings
from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.domain.vectors import EmbeddingModel
from mneme_common.testing.embeddings import HashedWords
from tests.contract.embeddings.openai_server import good_answer
from tests.contract.onnx_models import EMBEDDING_MODEL, write_embedding_model
from tests.contract.scripted_http import scripted_server


@pytest.fixture(params=["fake", "wordllama", "fastembed", "openai"])
async def model(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EmbeddingModel]:
    """An open model."""
    if request.param == "fake":
        yield HashedWords()
    elif request.param == "wordllama":
        wordllama = WordLlamaModel()
        await wordllama.open()
        yield wordllama
    elif request.param == "fastembed":
        write_embedding_model(tmp_path, EMBEDDING_MODEL)
        local = FastEmbedModel(EMBEDDING_MODEL, tmp_path, threads=1)
        await local.open()
        yield local
    else:
        async with scripted_server(good_answer) as server:
            remote = OpenAIEmbeddings.connect("some-model", api_key="key", base_url=server.url)
            await remote.open()
            yield remote
            await remote.disconnect()
