"""What a second stage does with answers that are none, and what it never sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from mneme_common.adapters.reranking_choice import reranker_of
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.settings.reranking import RerankingSettings
from mneme_common.testing.openai_server import Answer, Failure, OpenAIServer, Silent
from tests.contract.reranking.conftest import asked_over_http, shared_words

TEXTS = ["green tea", "black coffee"]


@pytest.mark.parametrize(
    "answer",
    ["no JSON", "{}", '{"scores": [1]}', '{"scores": [1, 0, 1]}', '{"scores": [2, 0]}', '{"scores": ["1", "0"]}',
     '{"scores": [1, NaN]}', '{"scores": [1, 0], "why": "because"}', "[1, 0]"],
)  # fmt: skip
async def test_an_answer_of_another_form_is_refused_as_a_whole(answer: str) -> None:
    async with asked_over_http(OpenAIServer(reply=lambda _: Answer(answer))) as reranker:
        with pytest.raises(PermanentError, match="reranking_invalid"):
            await reranker.scores("acme", "tea", TEXTS)


async def test_a_server_that_fails_is_a_dependency_that_is_away() -> None:
    async with asked_over_http(OpenAIServer(reply=lambda _: Failure(503))) as reranker:
        with pytest.raises(DependencyError):
            await reranker.scores("acme", "tea", TEXTS)


async def test_a_server_that_is_silent_is_given_up_in_time() -> None:
    async with asked_over_http(OpenAIServer(reply=lambda _: Silent()), seconds=0.2) as reranker:
        with pytest.raises(DependencyError):
            await reranker.scores("acme", "tea", TEXTS)


async def test_secrets_and_personal_data_are_never_sent_to_a_reranker() -> None:
    server = OpenAIServer(reply=shared_words)
    async with asked_over_http(server) as reranker:
        await reranker.scores("acme", "who is zoe@example.org", ["my password: hunter2-and-more"])
    sent = str(server.requests[-1].body)
    assert "zoe@example.org" not in sent
    assert "hunter2" not in sent


async def test_a_cross_encoder_that_fastembed_does_not_know_is_refused(tmp_path: Path) -> None:
    settings = RerankingSettings(reranker="fastembed", rerank_model="acme/unheard-of", fastembed_models=tmp_path)
    async with reranker_of(settings, lambda _model, _usage: None) as reranker:
        assert reranker is not None
        with pytest.raises(PermanentError, match="knows no acme/unheard-of"):
            await reranker.scores("acme", "tea", TEXTS)
