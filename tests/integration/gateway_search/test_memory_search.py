from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mneme_common.domain.vocabulary import TrustTier
from tests.integration.gateway_search.application import Gateway, contents
from tests.integration.gateway_search.conftest import Store

_PATHS = ["/v1/memories/search", "/v1/memories/retrieve"]


@pytest.mark.parametrize("path", _PATHS)
async def test_memories_are_found_with_a_score_and_messages_are_not(store: Store, gateway: Gateway, path: str) -> None:
    await store.records.record("Ada likes tea")
    known = await store.records.remember("Ada likes green tea", session_id="s1", extra_metadata={"a": 1})
    await store.records.forget(await store.records.remember("Ada likes black tea"))
    response = await gateway.client.post(path, json={"query": "tea"})
    (memory,) = response.json()
    assert (memory["memory_id"], memory["content"]) == (known.memory_id.hex, "Ada likes green tea")
    assert (memory["user_id"], memory["session_id"], memory["memory_type"]) == ("ada", "s1", "semantic")
    assert (memory["trust_tier"], memory["initial_confidence"], memory["is_active"]) == ("T1", 0.95, True)
    assert memory["extra_metadata"] == {"a": 1}
    assert 0 < memory["retrieval_score"] <= 1
    assert response.headers["Mneme-Position"] == "4"
    assert "Mneme-Degraded" not in response.headers


async def test_the_score_is_the_documented_sum(store: Store, gateway: Gateway) -> None:
    now = datetime(2030, 5, 5, 12, 0, tzinfo=UTC)
    known = await store.records.remember(
        "green tea", trust_tier="T3", initial_confidence=0.65, observed_at=now - timedelta(days=30)
    )
    await gateway.index(known)
    gateway.now.append(now)
    answer = await gateway.post("/v1/memories/search", query="green tea", explain="verbose")
    (candidate,) = answer["explain"]["candidate_scores"]
    confidence, temporal = 0.65 * math.exp(-30 / 60), math.exp(-30 * 24 / 168)
    assert (candidate["memory_id"], candidate["rank"]) == (known.memory_id.hex, 1)
    assert candidate["confidence_score"] == pytest.approx(confidence, abs=1e-4)
    assert candidate["temporal_score"] == pytest.approx(temporal, abs=1e-4)
    assert candidate["vector_score"] == pytest.approx(1.0, abs=1e-2)
    expected = 0.3 * candidate["vector_score"] + 0.2 * candidate["keyword_score"] + 0.2 * temporal + 0.3 * confidence
    assert answer["results"][0]["retrieval_score"] == pytest.approx(expected, abs=1e-4)


async def test_what_is_hardly_believed_any_more_is_left_out(store: Store, gateway: Gateway) -> None:
    now = datetime(2030, 5, 5, tzinfo=UTC)
    gateway.now.append(now)
    for days in (10, 80):
        await store.records.remember(
            f"tea {days}",
            trust_tier=TrustTier.T4.value,
            initial_confidence=0.4,
            observed_at=now - timedelta(days=days),
        )
    answer = await gateway.post("/v1/memories/search", query="tea", explain="analyze")
    assert contents(answer) == ["tea 10"]
    (dropped,) = answer["explain"]["dropped"]
    assert (dropped["reason"], dropped["confidence_score"] < 0.05) == ("floor", True)


async def test_memories_of_the_session_go_before_better_ones_of_others(store: Store, gateway: Gateway) -> None:
    for content, session in (("tea tea tea", "other"), ("a word about tea and more", "mine"), ("coffee", "mine")):
        await gateway.index(await store.records.remember(content, session_id=session))
    retrieve = "/v1/memories/retrieve"
    assert contents(await gateway.post(retrieve, query="tea"))[0] == "tea tea tea"
    preferred = contents(await gateway.post(retrieve, query="tea", session_id="mine"))
    assert preferred == ["a word about tea and more", "coffee", "tea tea tea"]
    only = contents(await gateway.post(retrieve, query="tea", session_id="mine", session_scope="only"))
    assert only == ["a word about tea and more", "coffee"]
    assert contents(await gateway.post(retrieve, query="tea", session_id="mine", top_k=1)) == preferred[:1]
    assert contents(await gateway.post("/v1/memories/search", query="tea", session_id="mine")) == only


async def test_the_number_of_results_is_clamped(store: Store, gateway: Gateway) -> None:
    for number in range(6):
        await store.records.remember(f"tea number {number}")
    asked = {-5: 1, 0: 1, 3: 3, 1000: 6}
    answered = {top_k: len(await gateway.post("/v1/memories/retrieve", query="tea", top_k=top_k)) for top_k in asked}
    assert answered == asked


async def test_memory_types_of_both_families_filter(store: Store, gateway: Gateway) -> None:
    await store.records.remember("tea one", memory_type="profile", kind="trait")
    await store.records.remember("tea two", memory_type="procedural", kind="rule")
    assert contents(await gateway.post("/v1/memories/search", query="tea", memory_types=["profile"])) == ["tea one"]
    assert contents(await gateway.post("/v1/memories/search", query="tea", memory_types=["rule"])) == ["tea two"]
    both = contents(await gateway.post("/v1/memories/search", query="tea", memory_types=["profile", "rule"]))
    assert set(both) == {"tea one", "tea two"}


async def test_each_level_explains_more_than_the_one_before(store: Store, gateway: Gateway) -> None:
    await gateway.index(await store.records.remember("tea"))
    extra = {}
    for asked in (True, "basic", "verbose", "analyze"):
        answer = await gateway.post("/v1/memories/retrieve", query="tea", explain=asked)
        explain = answer["explain"]
        assert (explain["path"], explain["result_count"], answer["position"]) == ("hybrid", 1, 1)
        assert (explain["vector_hit"], explain["fulltext_hit"], explain["graph_attempted"]) == (True, True, False)
        assert all(explain[f"{part}_ms"] >= 0 for part in ("embedding", "vector", "fulltext", "graph", "total"))
        extra[explain["level"]] = set(explain) & {"candidate_scores", "parameters", "filters", "dropped"}
    assert extra == {
        "basic": set(),
        "verbose": {"candidate_scores"},
        "analyze": {"candidate_scores", "parameters", "filters", "dropped"},
    }


async def test_analysis_names_parameters_filters_and_the_dropped(store: Store, gateway: Gateway) -> None:
    for number in range(3):
        await store.records.record(f"tea {number}")
    await store.records.remember("tea 1")
    explain = (await gateway.search("tea", top_k=1, namespace=None, explain="analyze", profile="s1_fusion"))["explain"]
    assert explain["parameters"]["profile"] == "s1_fusion"
    assert explain["parameters"]["weights"] == {"knn": 0.5, "bm25": 0.3, "importance": 0.1, "recency": 0.1}
    assert explain["parameters"]["bm25"] == {"k1": 0.9, "b": 0.4}
    assert explain["filters"]["kinds"] == ["memory", "message"]
    assert sorted(dropped["reason"] for dropped in explain["dropped"]) == ["rank", "rank", "twin"]


async def test_a_side_that_is_away_is_named_in_the_header_of_a_bare_list(store: Store, gateway: Gateway) -> None:
    await store.records.remember("tea")
    gateway.vectors.away = True
    response = await gateway.client.post("/v1/memories/search", json={"query": "tea"})
    assert (response.headers["Mneme-Degraded"], contents(response.json())) == ("vector", ["tea"])
    explained: dict[str, Any] = await gateway.post("/v1/memories/search", query="tea", explain=True)
    assert (explained["degraded"], explained["explain"]["path"]) == (["vector"], "fulltext")


async def test_a_request_that_is_none_is_refused(gateway: Gateway) -> None:
    for path in _PATHS:
        for body in ({}, {"query": ""}, {"query": "a", "memory_types": ["x"]}, {"query": "a", "limit": 3}):
            assert (await gateway.client.post(path, json=body)).status_code == 422, body


async def test_session_scope_belongs_to_retrieve_alone(gateway: Gateway) -> None:
    body = {"query": "a", "session_scope": "only"}
    assert (await gateway.client.post("/v1/memories/search", json=body)).status_code == 422
    assert (await gateway.client.post("/v1/memories/retrieve", json=body)).status_code == 200
