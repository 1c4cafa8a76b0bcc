from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from mneme_gateway.auth.caller import Caller, Scope
from tests.integration.gateway_search.application import Gateway, contents
from tests.integration.gateway_search.conftest import Store

_PATH = "/v1/memory/search"


async def _search(gateway: Gateway, query: str, **parameters: str | float) -> dict[str, Any]:
    response = await gateway.client.get(_PATH, params={"query": query, **parameters})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_message_is_scored_by_meaning_importance_and_age(store: Store, gateway: Gateway) -> None:
    said = await store.records.record(
        "I like green tea", importance_score=0.8, conversation_id="c1", metadata={"page": 3}, role="assistant"
    )
    await gateway.index(said)
    gateway.now.append((said.created_at + timedelta(days=14, minutes=1)).replace(second=0, microsecond=0))
    answer = await _search(gateway, "I like green tea")
    (item,) = answer["items"]
    assert (answer["total"], answer["results"], answer["position"]) == (1, answer["items"], 1)
    assert (item["message_id"], item["role"], item["metadata"]) == (str(said.message_id), "assistant", {"page": 3})
    assert item["similarity"] == pytest.approx(1.0, abs=1e-5)
    assert item["decay"] == pytest.approx(math.exp(-2), abs=1e-3)
    expected = 0.6 * item["similarity"] + 0.3 * 0.8 + 0.1 * item["decay"]
    assert item["score"] == pytest.approx(expected, abs=2e-6)


async def test_messages_that_are_archived_or_not_embedded_and_memories_are_left_out(
    store: Store, gateway: Gateway
) -> None:
    embedded = await store.records.record("tea one")
    archived = await store.records.record("tea two", archived=True)
    memory = await store.records.remember("tea four")
    await store.records.record("tea three")
    await gateway.index(embedded, archived, memory)
    assert contents(await _search(gateway, "tea")) == ["tea one"]


async def test_at_most_eight_messages_are_answered(store: Store, gateway: Gateway) -> None:
    for number in range(12):
        await gateway.index(await store.records.record(f"tea {number}"))
    for top_k, expected in ((20, 8), (8, 8), (3, 3)):
        assert (await _search(gateway, "tea", top_k=top_k))["total"] == expected
    assert (await _search(gateway, "tea"))["total"] == 5


async def test_conversation_and_importance_narrow_the_search(store: Store, gateway: Gateway) -> None:
    for number in range(100):
        said = await store.records.record(f"tea {number}", conversation_id="long", importance_score=0.2)
        await gateway.index(said)
    short = await store.records.record("tea at last", conversation_id="short", importance_score=0.9)
    await gateway.index(short)
    assert contents(await _search(gateway, "tea 7", conversation_id="short")) == ["tea at last"]
    for name in ("importance_min", "min_importance"):
        assert contents(await _search(gateway, "tea 7", **{name: 0.5})) == ["tea at last"]


async def test_the_state_of_an_earlier_position_can_be_searched(store: Store, gateway: Gateway) -> None:
    said = await store.records.record("tea")
    await gateway.index(said)
    await gateway.index(await store.records.record("tea again"))
    assert contents(await _search(gateway, "tea", as_of=1)) == ["tea"]
    assert contents(await _search(gateway, "tea", as_of=said.created_at.isoformat())) == ["tea"]


async def test_words_stand_in_while_the_vectors_are_away(store: Store, gateway: Gateway) -> None:
    await store.records.record("green tea")
    gateway.vectors.away = True
    answer = await _search(gateway, "tea")
    assert (answer["degraded"], contents(answer)) == (["vector"], ["green tea"])


async def test_messages_of_others_stay_theirs(store: Store, gateway: Gateway) -> None:
    await gateway.index(await store.records.record("tea", Scope("acme", "bob")))
    gateway.callers.caller = Caller("acme", "ada")
    assert (await _search(gateway, "tea"))["total"] == 0
    for named in ({"user_id": "bob"}, {"tenant_id": "other"}):
        assert (await gateway.client.get(_PATH, params={"query": "tea", **named})).status_code == 403


_REFUSED: list[dict[str, str | int | float]] = [
    {},
    {"query": ""},
    {"query": "a", "top_k": 21},
    {"query": "a", "top_k": "many"},
    {"query": "a", "importance_min": 1.5},
    {"query": "a", "candidate_limit": 1001},
    {"query": "a", "conversation_id": "a b"},
    {"query": "a", "as_of": "soon"},
    {"query": "a", "surprise": 1},
]


async def test_parameters_out_of_bounds_are_refused(gateway: Gateway) -> None:
    statuses = [(await gateway.client.get(_PATH, params=parameters)).status_code for parameters in _REFUSED]
    assert statuses == [422] * len(_REFUSED)
