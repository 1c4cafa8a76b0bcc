"""One suite for every second stage: a cross-encoder in this process, a language model over a real wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mneme_common.adapters.reranking_choice import reranker_of
from mneme_common.domain.reranking import Reranker
from mneme_common.settings.reranking import RerankingSettings
from mneme_common.testing.openai_server import OpenAIServer
from tests.contract.onnx_models import RERANKING_MODEL, write_reranking_model


@pytest.fixture(params=["fastembed", "openai"])
async def reranker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reranker]:
    """A reranker that prefers texts which share words with the query."""
    if request.param == "fastembed":
        write_reranking_model(tmp_path, RERANKING_MODEL)
        settings = RerankingSettings(reranker="fastembed", fastembed_models=tmp_path)
        async with reranker_of(settings, lambda _model, _usage: None) as made:
            assert made is not None
            yield made
    else:
        async with asked_over_http(OpenAIServer(reply=shared_words)) as made:
            yield made


@asynccontextmanager
async def asked_over_http(server: OpenAIServer, seconds: float = 5.0) -> AsyncIterator[Reranker]:
    """The reranker behind this server."""
    async with server.running():
        settings = RerankingSettings(
            reranker="openai", openai_base_url=server.base_url, openai_api_key="key", rerank_seconds=seconds
        )
        async with reranker_of(settings, lambda _model, _usage: None) as made:
            assert made is not None
            yield made


def shared_words(body: dict[str, Any]) -> str:
    """What a model would answer that counts the words which a text shares with the question."""
    question, _, texts = body["messages"][-1]["content"].partition("\n\nTexts:\n")
    asked = set(question.removeprefix("Question: ").lower().split())
    lines = [line.partition("] ")[2].lower().split() for line in texts.splitlines()]
    return json.dumps({"scores": [len(asked & set(words)) / max(len(asked), 1) for words in lines]})
