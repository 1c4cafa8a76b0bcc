"""POST /v1/retrieve/context over real rows: provenance, order, budget, and the same bytes every time."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mneme_gateway.auth.caller import Caller, Scope
from tests.integration.gateway_search.application import Gateway, search_gateway
from tests.integration.gateway_search.conftest import Store

_PATH = "/v1/retrieve/context"


def _lines(answer: dict[str, Any]) -> list[str]:
    return str(answer["context"]).split("\n") if answer["context"] else []


async def test_each_line_says_when_and_who_and_its_item_where_it_comes_from(store: Store, gateway: Gateway) -> None:
    day = datetime(2024, 3, 1, 9, tzinfo=UTC)
    said = await store.records.record("The heron\nstood in the reeds.", name="Ada", occurred_at=day)
    known = await store.records.remember(
        "Ada likes the heron.", observed_at=day, source="rules", source_message_ids=["m1"], session_id="s1"
    )
    answer = await gateway.context("heron", token_budget=200)
    assert sorted(line.split(" ", 1)[1] for line in _lines(answer)) == [
        "2024-03-01 Ada likes the heron.",
        "2024-03-01 Ada: The heron stood in the reeds.",
    ]
    items = {item["kind"]: item for item in answer["items"]}
    message, memory = items["message"], items["memory"]
    assert (message["id"], message["version"], message["source"], message["session_id"], message["name"]) == (
        str(said.message_id), 1, "message", "default", "Ada",
    )  # fmt: skip
    assert (memory["memory_id"], memory["root_id"], memory["source"], memory["source_message_ids"]) == (
        known.memory_id.hex, known.root_id.hex, "rules", ["m1"],
    )  # fmt: skip
    assert [f"[{item['number']}]" for item in answer["items"]] == [line.split(" ")[0] for line in _lines(answer)]
    assert (answer["tokenizer"], answer["position"]) == ("utf8-bytes/4", 2)
    assert answer["pack_hash"] == hashlib.sha256(answer["context"].encode()).hexdigest()


async def test_order_and_scores_are_those_of_the_search(store: Store, gateway: Gateway) -> None:
    gateway.now.append(datetime(2030, 1, 1, tzinfo=UTC))
    for number in range(12):
        said = await store.records.record(f"the yellow house number {number} by the river {'x' * number}")
        await gateway.index(said)
    found = await gateway.search("yellow house number 3", top_k=100)
    packed = await gateway.context("yellow house number 3", token_budget=10_000)
    scores = [(result["id"], result["score"]) for result in found["results"]]
    assert [(item["id"], item["score"]) for item in packed["items"]] == scores
    few = await gateway.context("yellow house number 3", token_budget=10_000, top_k=2)
    assert [(item["id"], item["score"]) for item in few["items"]] == scores[:2]


async def test_pinned_memories_come_first(store: Store, gateway: Gateway) -> None:
    await store.records.record("apple apple apple pie")
    await store.records.remember("an apple a day", pinned=True)
    answer = await gateway.context("apple pie")
    assert [(item["kind"], item["pinned"]) for item in answer["items"]] == [("memory", True), ("message", False)]


async def test_a_reflection_stands_for_its_sources_and_a_message_for_what_was_drawn_from_it(
    store: Store, gateway: Gateway
) -> None:
    said = await store.records.record("I keep bees, and I sell the honey.", name="Ada", importance_score=1.0)
    drawn = await store.records.remember("Ada keeps bees.", source_message_ids=[str(said.message_id)])
    hive = await store.records.remember("Ada built a hive for the bees.")
    sources = [drawn.memory_id.hex, hive.memory_id.hex]
    await store.records.remember("Ada keeps bees and built a hive for them.", source_memory_ids=sources, pinned=True)
    answer = await gateway.context("Ada bees honey hive", token_budget=500)
    assert sorted(item["content"] for item in answer["items"]) == [
        "Ada keeps bees and built a hive for them.",
        "I keep bees, and I sell the honey.",
    ]
    (reflection,) = [item for item in answer["items"] if item["pinned"]]
    assert {repeated["id"] for repeated in reflection["duplicates"]} == set(sources)


async def test_what_is_said_twice_is_packed_once_with_both_origins(store: Store, gateway: Gateway) -> None:
    first = await store.records.record("I am allergic to peanuts", conversation_id="a")
    again = await store.records.record("I'm allergic to peanuts!", conversation_id="b")
    other = await store.records.record("I am not allergic to peanuts", conversation_id="c")
    await gateway.index(first, again, other)
    answer = await gateway.context("allergic to peanuts")
    assert len(answer["items"]) == 2
    (kept,) = [item for item in answer["items"] if item["duplicates"]]
    assert {kept["id"], kept["duplicates"][0]["id"]} == {str(first.message_id), str(again.message_id)}
    assert [(gone["id"], gone["reason"]) for gone in answer["dropped"]] == [(kept["duplicates"][0]["id"], "duplicate")]


async def test_contexts_are_counted_with_what_they_leave_out(store: Store, gateway: Gateway) -> None:
    for number in range(5):
        await store.records.record(f"apple number {number} " + "and many other words " * 5)
    answer = await gateway.context("apple", token_budget=60)
    shown = (await gateway.client.get("/metrics")).text
    assert f'mneme_gateway_context_dropped_total{{reason="budget"}} {float(len(answer["dropped"]))}' in shown
    assert f"mneme_gateway_context_tokens_sum {float(answer['used_tokens'])}" in shown


async def test_what_does_not_fit_is_named(store: Store, gateway: Gateway) -> None:
    for number in range(20):
        await store.records.record(f"apple number {number} " + "and many other words " * 5)
    answer = await gateway.context("apple", token_budget=100)
    assert (len(answer["items"]) + len(answer["dropped"]), answer["used_tokens"] <= 100) == (20, True)
    assert {gone["reason"] for gone in answer["dropped"]} == {"budget"}


async def test_filters_narrow_a_context_as_they_narrow_a_search(store: Store, gateway: Gateway) -> None:
    await store.records.record("apple one", conversation_id="a")
    await store.records.record("apple two", conversation_id="b", namespace="work", metadata={"page": 1})
    await store.records.remember("apple three", tags=["red"], kind="trait")
    narrowed: list[tuple[dict[str, object], list[str]]] = [
        ({"session_id": "a"}, ["apple one"]),
        ({"namespace": "work"}, ["apple two"]),
        ({"filters": {"page": 1}}, ["apple two"]),
        ({"tags": ["red"]}, ["apple three"]),
        ({"types": ["trait"]}, ["apple three"]),
        ({"kinds": ["memory"]}, ["apple three"]),
        ({"as_of": 1}, ["apple one"]),
        ({"namespace": "never"}, []),
    ]
    found = []
    for filters, _ in narrowed:
        answer = await gateway.context("apple", **filters)
        found.append((filters, [item["content"] for item in answer["items"]]))
    assert found == narrowed


async def test_equal_requests_get_equal_bytes_from_every_process(store: Store) -> None:
    """A second application over the same records stands for another process: it shares nothing but the database."""
    minute = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
    said = [await store.records.record(f"the same words in message {number % 5} {number}") for number in range(40)]
    bodies, hashes = set(), set()
    for seconds in (0, 17, 59):
        async with search_gateway(store.reader) as gateway:
            gateway.now.append(minute + timedelta(seconds=seconds))
            await gateway.index(*said)
            answer = await gateway.client.post(_PATH, json={"query": "same words message", "token_budget": 150})
            bodies.add(answer.content)
            hashes.add(answer.json()["pack_hash"])
    assert (len(bodies), len(hashes)) == (1, 1)


async def test_a_context_of_the_past_stays_what_it_was(store: Store, gateway: Gateway) -> None:
    for number in range(5):
        await store.records.record(f"apple {number}")
    body = {"query": "apple", "as_of": 3}
    before = (await gateway.client.post(_PATH, json=body)).content
    await store.records.record("apple six")
    assert (await gateway.client.post(_PATH, json=body)).content == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(budget=st.integers(1, 400))
async def test_no_budget_is_ever_exceeded_over_http(store: Store, gateway: Gateway, budget: int) -> None:
    if not (await gateway.search("heron"))["results"]:
        for number in range(15):
            await store.records.record(f"heron {number} \N{HERB} {'über ' * number}")
    answer = await gateway.context("heron", token_budget=budget)
    size = len(answer["context"].encode())
    assert answer["used_tokens"] == -(-size // 4) <= budget


async def test_without_the_vectors_the_context_rests_on_words_and_says_so(store: Store, gateway: Gateway) -> None:
    await store.records.record("I like apples", conversation_id="a")
    await store.records.record("I like apples!", conversation_id="b")
    gateway.vectors.away = True
    answer = await gateway.context("apples")
    assert (answer["degraded"], len(answer["items"])) == (["vector"], 1)


async def test_nobody_gets_a_context_of_somebody_elses_memory(store: Store, gateway: Gateway) -> None:
    for scope in (Scope("acme", "bob"), Scope("other", "ada")):
        await store.records.record("a secret apple", scope)
    assert (await gateway.context("apple"))["items"] == []
    gateway.callers.caller = Caller("acme", "ada")
    assert (await gateway.client.post(_PATH, json={"query": "apple", "user_id": "bob"})).status_code == 403


_REFUSED: list[tuple[dict[str, object], str]] = [
    ({}, "query"),
    ({"query": "a", "token_budget": 0}, "token_budget"),
    ({"query": "a", "token_budget": 1_000_001}, "token_budget"),
    ({"query": "a", "token_budget": "much"}, "token_budget"),
    ({"query": "a", "top_k": 101}, "top_k"),
    ({"query": "a", "min_score": 1.5}, "min_score"),
    ({"query": "a", "as_of": 7}, "as_of"),
    ({"query": "a", "explain": True}, "explain"),
]


@pytest.mark.parametrize(("body", "field"), _REFUSED)
async def test_a_context_out_of_bounds_is_refused_by_field(
    gateway: Gateway, body: dict[str, object], field: str
) -> None:
    response = await gateway.client.post(_PATH, json=body)
    assert response.status_code == 422, response.text
    assert response.json()["error"]["details"]["fields"][0]["field"].split(".")[0] == field
