"""A second stage reads all candidates of a search and may put them in another order; in trouble nothing changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mneme_common.testing.openai_server import Failure, OpenAIServer
from tests.contract.reranking.conftest import asked_over_http, shared_words
from tests.integration.gateway_search.application import Gateway, contents, search_gateway
from tests.integration.gateway_search.conftest import Store

QUERY = "Which tea does Ada like best of all"
ANSWER = "Which tea does Ada of all people pour while the rain goes on and on"


@pytest.fixture
def server() -> OpenAIServer:
    """A model that counts shared words."""
    return OpenAIServer(reply=shared_words)


@pytest.fixture
async def reranked(store: Store, server: OpenAIServer) -> AsyncIterator[Gateway]:
    """A search with a second stage behind a real HTTP server; sixty records speak of it, one answers."""
    async with (
        asked_over_http(server, seconds=20.0) as reranker,
        search_gateway(store.reader, 1 << 28, reranker) as made,
    ):
        for number in range(60):
            await store.records.record(f"Ada tea like best {number}")
        await store.records.record(ANSWER)
        yield made


async def test_a_candidate_far_behind_the_last_result_may_come_first(reranked: Gateway, server: OpenAIServer) -> None:
    plain = await reranked.search(QUERY, profile="s1_fusion", min_score=0, top_k=3)
    assert ANSWER not in contents(plain)
    found = await reranked.search(QUERY, profile="s1_fusion", min_score=0, top_k=3, rerank=True, explain="verbose")
    assert contents(found)[0] == ANSWER
    first = found["results"][0]
    assert first["score"] == first["components"]["rerank"] > found["results"][1]["score"]
    assert "first_stage" in first["components"]
    told = found["explain"]["rerank"]
    assert (told["applied"], told["candidates"]) == (True, 61), "the whole pool, not the first three"
    assert len(server.requests) == 1


async def test_without_being_asked_nothing_is_sent(reranked: Gateway, server: OpenAIServer) -> None:
    await reranked.search(QUERY, min_score=0)
    assert server.requests == []


@pytest.mark.parametrize("trouble", [Failure(503), "no JSON", '{"scores": [1]}'])
async def test_a_second_stage_in_trouble_leaves_the_first_order_and_says_so(
    reranked: Gateway, server: OpenAIServer, trouble: Failure | str
) -> None:
    plain = await reranked.search(QUERY, min_score=0)
    server.reply = lambda _: trouble
    found = await reranked.search(QUERY, min_score=0, rerank=True, explain=True)
    assert found["results"] == plain["results"]
    assert found["degraded"] == ["rerank"] or found["degraded"] == ["vector", "rerank"]
    assert found["explain"]["rerank"]["applied"] is False
    assert found["explain"]["rerank"]["problem"]


async def test_a_tenant_may_have_it_for_every_search(reranked: Gateway, store: Store, server: OpenAIServer) -> None:
    async with store.reader.transaction(["acme"]) as connection:
        await connection.execute(
            "INSERT INTO tenants (tenant_id, name, settings) VALUES ('acme', 'acme', '{\"rerank\": true}')"
        )
    found = await reranked.search(QUERY, min_score=0, explain=True)
    assert found["explain"]["rerank"]["applied"] is True
    refused = await reranked.search(QUERY, min_score=0, explain=True, rerank=False)
    assert "rerank" not in refused["explain"]


async def test_a_server_without_one_refuses_to_be_asked_for_it(gateway: Gateway) -> None:
    response = await gateway.client.post("/v1/retrieve/search", json={"query": "tea", "rerank": True})
    assert response.status_code == 422
    assert "MNEME_RERANKER" in response.text
