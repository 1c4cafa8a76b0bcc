from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mneme_gateway.auth.caller import Scope
from tests.integration.gateway_search.application import Gateway, contents
from tests.integration.gateway_search.conftest import Store

_DAY = datetime(2024, 5, 1, 9, tzinfo=UTC)

_FILTERS: list[tuple[dict[str, object], Callable[[dict[str, Any]], bool]]] = [
    ({"session_id": "s4"}, lambda hit: bool(hit["session_id"] == "s4")),
    (
        {"namespace": "work", "metadata": {"page": 2}},
        lambda hit: (hit["namespace"], hit["metadata"]["page"]) == ("work", 2),
    ),
    (
        {"from": "2024-06-01", "to": "2024-06-20"},
        lambda hit: "2024-06-01" <= str(hit["occurred_at"])[:10] <= "2024-06-20",
    ),
]


async def _missing(gateway: Gateway, query: str, record_id: object, **body: object) -> dict[str, Any]:
    answer = await gateway.search(query, explain_missing=str(record_id), **body)
    missing: dict[str, Any] = answer["explain"]["missing"]
    assert missing["id"] == str(record_id)
    return missing


async def test_scores_of_the_default_ranking_fall_between_one_and_zero(store: Store, gateway: Gateway) -> None:
    said = [await store.records.record(text) for text in ("I play the violin", "I play chess", "It rained", "A violin")]
    await gateway.index(*said)
    scores = [result["score"] for result in (await gateway.search("Who plays the violin?"))["results"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] < scores[0] < 1


async def test_nothing_is_found_where_nothing_speaks_for_an_answer(store: Store, gateway: Gateway) -> None:
    said = [await store.records.record(f"We talked about the garden and the weather {n}") for n in range(20)]
    await gateway.index(*said)
    absent = "quantum chromodynamics lecture"
    assert contents(await gateway.search(absent)) == []
    assert len(contents(await gateway.search(absent, min_score=0))) == 10
    explain = (await gateway.search(absent, explain="analyze"))["explain"]
    assert [dropped["reason"] for dropped in explain["dropped"]] == ["abstained"] * 10 + ["rank"] * 10


async def test_a_least_score_and_a_gap_end_the_results(store: Store, gateway: Gateway) -> None:
    said = [await store.records.record(text) for text in ("apple pie", "apple", "apple juice in a very long sentence")]
    await gateway.index(*said)
    found = (await gateway.search("apple pie", min_score=0))["results"]
    scores = [result["score"] for result in found]
    kept = (await gateway.search("apple pie", min_score=scores[0]))["results"]
    assert [result["score"] for result in kept] == [score for score in scores if score >= scores[0]]
    gap = scores[0] - scores[1]
    assert gap > 0
    assert len((await gateway.search("apple pie", min_score=0, score_gap=gap / 2))["results"]) == 1


@pytest.mark.parametrize("body", [{"min_score": 1.1}, {"score_gap": -0.1}, {"explain_missing": "that one"}])
async def test_bounds_of_scores_and_ids_are_refused_by_name(gateway: Gateway, body: dict[str, object]) -> None:
    response = await gateway.client.post("/v1/retrieve/search", json={"query": "a", **body})
    (field,) = body
    assert response.status_code == 422
    assert response.json()["error"]["details"]["fields"][0]["field"] == field


async def test_a_record_that_is_missing_is_told_why(store: Store, gateway: Gateway) -> None:
    first = await store.records.record("apple pie", occurred_at=_DAY, conversation_id="kitchen")
    other = await store.records.record("apple", occurred_at=_DAY + timedelta(days=40), conversation_id="garden")
    filed = await store.records.record("apple", archived=True, metadata={"page": 1})
    known = await store.records.remember("apple", expires_at=_DAY)
    far = await store.records.record("nothing alike", conversation_id="elsewhere")
    gone = await store.records.record("apple core")
    await store.records.delete(gone)
    foreign = await store.records.record("apple", Scope("acme", "bob"))
    ask = "apple pie"
    assert await _missing(gateway, ask, first.message_id) == {"id": str(first.message_id), "reason": "found", "rank": 1}
    filtered = await _missing(gateway, ask, other.message_id, session_id="kitchen", to="2024-05-02")
    assert (filtered["reason"], filtered["filters"]) == ("filtered", ["session_id", "occurred_to"])
    assert (await _missing(gateway, ask, filed.message_id))["filters"] == ["archived"]
    tagged = await _missing(gateway, ask, other.message_id, metadata={"page": 1})
    assert tagged["filters"] == ["metadata"]
    assert (await _missing(gateway, ask, other.message_id, pinned=False, tags=["a"]))["filters"] == ["tags or pinned"]
    assert (await _missing(gateway, "cake", other.message_id, profile="s0_policy"))["filters"] == ["words"]
    assert (await _missing(gateway, ask, known.memory_id))["filters"] == ["expired"]
    assert (await _missing(gateway, ask, first.message_id, kinds=["memory"]))["filters"] == ["kinds"]
    lonely = await _missing(gateway, ask, far.message_id)
    assert (lonely["reason"], set(lonely["ranks"].values())) == ("no_candidate", {None})
    outranked = await _missing(gateway, ask, other.message_id, top_k=1)
    assert (outranked["reason"], outranked["rank"]) == ("rank", 2)
    assert "words" in outranked["components"]
    for stranger in (gone.message_id, foreign.message_id, uuid4()):
        assert await _missing(gateway, ask, stranger) == {"id": str(stranger), "reason": "unknown"}


async def test_filters_lose_nothing_of_what_an_exact_search_finds(store: Store, gateway: Gateway) -> None:
    said = [
        await store.records.record(
            f"apple {'pie ' * (number % 5)}and {number % 17}",
            conversation_id=f"s{number % 6}",
            namespace=["home", "work"][number % 2],
            occurred_at=_DAY + timedelta(days=number),
            metadata={"page": number % 3},
        )
        for number in range(120)
    ]
    await gateway.index(*said)
    for profile in ("dense", "bm25"):
        everything = (await gateway.search("apple pie 3", profile=profile, top_k=100))["results"]
        for body, passes in _FILTERS:
            expected = [hit["id"] for hit in everything if passes(hit)]
            found = (await gateway.search("apple pie 3", profile=profile, top_k=100, **body))["results"]
            assert all(passes(hit) for hit in found), (profile, body)
            ids = [hit["id"] for hit in found]
            assert expected == [each for each in ids if each in expected], (profile, body)
