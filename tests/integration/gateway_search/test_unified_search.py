from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mneme_common.domain.records import Memory, Message
from mneme_gateway.auth.caller import Caller, Scope
from mneme_gateway.decide.ranking_best import LEARNT, PRIORS
from tests.integration.gateway_search.application import Gateway, contents
from tests.integration.gateway_search.conftest import Store

_PATH = "/v1/retrieve/search"


async def test_a_message_is_found_by_its_words_as_soon_as_it_is_recorded(store: Store, gateway: Gateway) -> None:
    await store.records.record("Nothing of interest")
    said = await store.records.record(
        "I moved to Berlin", conversation_id="c1", name="Ada", metadata={"mood": "glad"}, namespace="home"
    )
    answer = await gateway.search("Where did she move?", profile="s1_fusion")
    (result,) = answer["results"]
    assert answer["items"] == answer["results"]
    assert (answer["position"], answer.get("degraded")) == (2, None)
    assert (result["id"], result["kind"], result["content"]) == (str(said.message_id), "message", said.content)
    assert (result["name"], result["session_id"], result["role"]) == ("Ada", "c1", "user")
    assert (result["metadata"], result["namespace"]) == ({"mood": "glad"}, "home")
    assert set(result["components"]) == {"knn", "bm25", "importance", "recency"}


async def test_a_record_that_shares_no_word_is_found_by_meaning(store: Store, gateway: Gateway) -> None:
    # Words that are dropped from the index still count for the vectors of this model.
    said = await store.records.record("what should we do")
    await gateway.index(said)
    assert contents(await gateway.search("what should they do")) == ["what should we do"]
    assert contents(await gateway.search("what should they do", profile="s1_fusion")) == ["what should we do"]


async def test_messages_and_memories_stand_in_one_ranking(store: Store, gateway: Gateway) -> None:
    said = await store.records.record("My sister lives in Porto")
    known = await store.records.remember("sister: Clara lives in Porto", tags=["family"], kind="fact")
    await gateway.index(said, known)
    results = (await gateway.search("sister Porto"))["results"]
    assert {result["kind"] for result in results} == {"message", "memory"}
    memory = next(result for result in results if result["kind"] == "memory")
    assert (memory["id"], memory["type"], memory["memory_type"]) == (known.memory_id.hex, "fact", "semantic")
    assert (memory["tags"], memory["trust_tier"]) == (["family"], "T1")


async def test_the_same_words_as_message_and_memory_appear_once(store: Store, gateway: Gateway) -> None:
    await store.records.record("I am allergic to peanuts", importance_score=0.1)
    await store.records.remember("I am allergic to peanuts", importance=0.9)
    results = (await gateway.search("allergic peanuts"))["results"]
    assert [(result["kind"], result["content"]) for result in results] == [("memory", "I am allergic to peanuts")]


async def test_scores_are_the_weighted_sum_of_their_components(store: Store, gateway: Gateway) -> None:
    said = [await store.records.record(f"the yellow house number {n} by the river") for n in range(6)]
    await gateway.index(*said[:4])
    for result in (await gateway.search("yellow house number 3", profile="s1_fusion"))["results"]:
        parts = result["components"]
        expected = 0.5 * parts["knn"] + 0.3 * parts["bm25"] + 0.1 * parts["importance"] + 0.1 * parts["recency"]
        assert result["score"] == pytest.approx(expected, abs=2e-6)


async def test_a_ranking_can_be_asked_for_by_name(store: Store, gateway: Gateway) -> None:
    words = await store.records.record("apple apple apple", importance_score=0.0)
    meaning = await store.records.record("apple pie recipe", importance_score=1.0)
    await gateway.index(words, meaning)
    found = {name: await gateway.search("apple", profile=name) for name in ("bm25", "dense", "rrf", "s1_fusion")}
    parts = {name: set(answer["results"][0]["components"]) for name, answer in found.items()}
    assert parts == {
        "bm25": {"bm25"},
        "dense": {"knn"},
        "rrf": {"bm25", "knn"},
        "s1_fusion": {"knn", "bm25", "importance", "recency"},
    }
    best = await gateway.search("apple", profile="best")
    assert best["results"] == (await gateway.search("apple"))["results"]
    assert set(best["results"][0]["components"]) == {*LEARNT, *PRIORS}


_FILTERED: list[tuple[dict[str, object], set[str]]] = [
    ({"kinds": ["message"]}, {"m1", "m2", "m3"}),
    ({"kinds": ["memory"]}, {"k1", "k2"}),
    ({"types": ["trait"]}, {"k2"}),
    ({"types": ["semantic", "trait"]}, {"k1", "k2"}),
    ({"tags": ["red"]}, {"k1", "k2"}),
    ({"tags": ["red", "blue"]}, {"k2"}),
    ({"namespace": "work"}, {"m2", "k2"}),
    ({"agent_id": "work"}, {"m2", "k2"}),
    ({"author_id": "carol"}, {"k2"}),
    ({"subject_id": "dog", "author_id": "carol"}, {"k2"}),
    ({"subject_id": "cat"}, set()),
    ({"pinned": True}, {"k2"}),
    ({"pinned": False}, {"k1"}),
    ({"valid_at": "2023-12-31"}, {"k1"}),
    ({"valid_at": "2024-01-01T11:00:00Z"}, {"k1", "k2"}),
    ({"valid_at": "2024-01-10T11:00:00Z"}, {"k1"}),
    ({"session_id": "s2"}, {"m2", "k2"}),
    ({"session_id": "never"}, set()),
    ({"from": "2024-01-02"}, {"m2", "m3", "k1", "k2"}),
    ({"to": "2024-01-02"}, {"m1", "m2"}),
    ({"from": "2024-01-02T10:00:00Z", "to": "2024-01-02T12:00:00+00:00"}, {"m2"}),
    ({"filters": {"page": 1}}, {"m1", "m2"}),
    ({"filters": {"page": 1.0, "draft": True}}, {"m1"}),
    ({"filters": {"page": "1"}}, {"m3"}),
    ({"metadata": {"draft": None}}, {"k1"}),
    ({"filters": {"where": {"a": [1, 2]}}}, {"k2"}),
    ({"filters": {"where": {"a": [1]}}}, set()),
    ({"filters": {"page": 1}, "tags": ["red"]}, set()),
    ({"include_archived": True, "kinds": ["message"]}, {"m1", "m2", "m3", "m4"}),
]


async def test_each_filter_keeps_what_it_names(store: Store, gateway: Gateway) -> None:
    await _various(store, gateway)
    kept = []
    for filters, _ in _FILTERED:
        results = (await gateway.search("apple", top_k=50, **filters))["results"]
        kept.append((filters, {result["content"].split()[1] for result in results}))
    assert kept == _FILTERED


async def test_a_narrow_filter_loses_nothing_that_only_meaning_finds(store: Store, gateway: Gateway) -> None:
    for number in range(400):
        crowd = await store.records.record(f"what are we about to do now {number}")
        await gateway.index(crowd)
    rare = await store.records.record("what are they doing", conversation_id="rare")
    await gateway.index(rare)
    answer = await gateway.search("what are we about to do", session_id="rare")
    assert contents(answer) == ["what are they doing"]


async def test_what_has_expired_is_not_found_any_more(store: Store, gateway: Gateway) -> None:
    now = datetime.now(UTC)
    await store.records.remember("the code is 1234", expires_at=now + timedelta(hours=1))
    assert contents(await gateway.search("code")) == ["the code is 1234"]
    gateway.now.append(now + timedelta(hours=2))
    assert contents(await gateway.search("code")) == []


async def test_changed_and_deleted_records_are_found_only_as_they_are_now(store: Store, gateway: Gateway) -> None:
    said = await store.records.record("I live in Berlin")
    known = await store.records.remember("residence: Berlin")
    gone = await store.records.record("Berlin is large")
    await gateway.index(said, known, gone)
    await gateway.search("Berlin")
    revised = await store.records.update(said, content="I live in Madrid")
    await store.records.revise(known, content="residence: Madrid")
    await store.records.delete(gone)
    # The vectors of the closed versions are still open: the embedder has not come by yet.
    found = contents(await gateway.search("live in Berlin residence large"))
    assert set(found) == {"I live in Madrid", "residence: Madrid"}
    assert set(contents(await gateway.search("Madrid"))) == {"I live in Madrid", "residence: Madrid"}
    results = (await gateway.search("Madrid", kinds=["message"]))["results"]
    assert [(result["id"], result["revision"]) for result in results] == [(str(revised.message_id), 2)]


async def test_a_past_position_shows_what_was_known_then(store: Store, gateway: Gateway) -> None:
    said = await store.records.record("I live in Berlin")
    store.records.tick(timedelta(days=1))
    known = await store.records.remember("residence: Berlin")
    await gateway.index(said, known)
    store.records.tick(timedelta(days=1))
    revised = await store.records.revise(known, content="residence: Madrid")
    await gateway.close(known, revised.from_seq)
    await store.records.delete(said)
    then = await gateway.search("residence Berlin live", as_of=2)
    assert (then["position"], set(contents(then))) == (2, {"residence: Berlin", "I live in Berlin"})
    at_that_time = await gateway.search("residence Berlin live", as_of=known.created_at.isoformat())
    assert at_that_time == then
    assert contents(await gateway.search("residence Berlin live", as_of=1)) == ["I live in Berlin"]
    assert contents(await gateway.search("residence Berlin live", as_of="1999-01-01")) == []
    assert contents(await gateway.search("residence Berlin live")) == ["residence: Madrid"]


async def test_a_position_whose_event_was_applied_later_can_be_searched(store: Store, gateway: Gateway) -> None:
    for number in range(3):
        await store.records.record(f"apple {number}")
    async with store.writer.transaction(["acme"]) as connection:
        await connection.execute("DELETE FROM ledger WHERE seq = 2")
    answer = await gateway.search("apple", as_of=2)
    assert (answer["position"], len(answer["results"])) == (2, 2)


async def test_equal_requests_at_one_position_get_equal_bytes(store: Store, gateway: Gateway) -> None:
    minute = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
    for number in range(40):
        said = await store.records.record(f"the same words in message {number % 3}")
        if number % 2:
            await gateway.index(said)
    body = {"query": "same words message", "top_k": 30}
    answers = set()
    for second in (0, 17, 59):
        gateway.now.append(minute + timedelta(seconds=second))
        answers.add((await gateway.client.post(_PATH, json=body)).content)
    for as_of in (40, 40):
        assert (await gateway.client.post(_PATH, json=body | {"as_of": as_of})).status_code == 200
    assert len(answers) == 1
    past = {(await gateway.client.post(_PATH, json=body | {"as_of": 25})).content for _ in range(2)}
    await store.records.record("the same words once more")
    past.add((await gateway.client.post(_PATH, json=body | {"as_of": 25})).content)
    assert len(past) == 1


@pytest.mark.parametrize("away", ["store", "model"])
async def test_without_the_vector_side_the_answer_is_by_words_and_says_so(
    store: Store, gateway: Gateway, away: str
) -> None:
    said = await store.records.record("I like apples")
    await gateway.index(said)
    broken = gateway.vectors if away == "store" else gateway.model
    broken.away = True
    answer = await gateway.search("apples", session_id="default")
    assert (answer["degraded"], contents(answer)) == (["vector"], ["I like apples"])
    broken.away = False
    assert (await gateway.search("apples")).get("degraded") is None


async def test_nobody_finds_what_belongs_to_somebody_else(store: Store, gateway: Gateway) -> None:
    for scope in (Scope("acme", "bob"), Scope("other", "ada")):
        await gateway.index(await store.records.record("a secret apple", scope))
    assert contents(await gateway.search("apple")) == []
    gateway.callers.caller = Caller("acme", "ada")
    for named in ({"user_id": "bob"}, {"tenant_id": "other"}):
        response = await gateway.client.post(_PATH, json={"query": "apple", **named})
        assert response.status_code == 403


_REFUSED: list[tuple[dict[str, object], str]] = [
    ({}, "query"),
    ({"query": ""}, "query"),
    ({"query": " \t "}, "query"),
    ({"query": "a\x00b"}, "query"),
    ({"query": "x" * 4097}, "query"),
    ({"query": "a", "top_k": 0}, "top_k"),
    ({"query": "a", "top_k": 101}, "top_k"),
    ({"query": "a", "kinds": ["letter"]}, "kinds"),
    ({"query": "a", "types": ["nonsense"]}, "types"),
    ({"query": "a", "as_of": -1}, "as_of"),
    ({"query": "a", "as_of": True}, "as_of"),
    ({"query": "a", "as_of": 7}, "as_of"),
    ({"query": "a", "as_of": "yesterday"}, "as_of"),
    ({"query": "a", "as_of": 10**30}, "as_of"),
    ({"query": "a", "from": 3}, "from"),
    ({"query": "a", "to": "0001-01-01T00:00:00+23:00"}, "to"),
    ({"query": "a", "filters": {"a": {"b": {"c": {"d": {}}}}}}, "filters"),
    ({"query": "a", "explain": "loudly"}, "explain"),
    ({"query": "a", "profile": "best_of_all"}, "profile"),
    ({"query": "a", "surprise": 1}, "surprise"),
]


async def test_a_request_out_of_bounds_is_refused_by_field(gateway: Gateway) -> None:
    refused = []
    for body, _ in _REFUSED:
        response = await gateway.client.post(_PATH, json=body)
        assert response.status_code == 422, (body, response.text)
        faults = response.json()["error"]["details"]["fields"]
        refused.append((body, faults[0]["field"].split(".")[0]))
    assert refused == _REFUSED


async def _various(store: Store, gateway: Gateway) -> None:
    day = datetime(2024, 1, 1, 11, 0, tzinfo=UTC)
    write = store.records
    records: list[Message | Memory] = [
        await write.record("apple m1", occurred_at=day, metadata={"page": 1, "draft": True}),
        await write.record(
            "apple m2",
            occurred_at=day + timedelta(days=1),
            conversation_id="s2",
            namespace="work",
            metadata={"page": 1},
        ),
        await write.record("apple m3", occurred_at=day + timedelta(days=2), metadata={"page": "1"}),
        await write.record("apple m4", occurred_at=day, archived=True),
        await write.remember("apple k1", tags=["red"], extra_metadata={"draft": None}),
        await write.remember(
            "apple k2",
            tags=["red", "blue"],
            kind="trait",
            memory_type="profile",
            session_id="s2",
            namespace="work",
            extra_metadata={"where": {"a": [1, 2]}},
            author_id="carol",
            subject_id="dog",
            pinned=True,
            valid_from=day,
            valid_to=day + timedelta(days=9),
        ),
    ]
    await gateway.index(*records[::2])
