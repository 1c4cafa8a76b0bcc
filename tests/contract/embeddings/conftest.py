"""One suite for every embedding model: the fake, the offline default, and the OpenAI API over a real wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mneme_common.adapters.embedding_openai import OpenAIEmbeddings
from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.domain.vectors import EmbeddingModel
from mneme_common.testing.embeddings import HashedWords
from tests.contract.embeddings.openai_server import good_answer
from tests.contract.scripted_http import scripted_server


@pytest.fixture(params=["fake", "wordllama", "openai"])
async def model(request: pytest.FixtureRequest) -> AsyncIterator[EmbeddingModel]:
    """An open model."""
    if request.param == "fake":
        yield HashedWords()
    elif request.param == "wordllama":
        wordllama = WordLlamaModel()
        await wordllama.open()
        yield wordllama
    else:
        async with scripted_server(good_answer) as server:
            remote = OpenAIEmbeddings.connect("some-model", api_key="key", base_url=server.url)
            await remote.open()
            yield remote
            await remote.disconnect()
