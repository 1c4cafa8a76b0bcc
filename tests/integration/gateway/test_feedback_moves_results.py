"""Feedback on results, over HTTP: within bounds, for one user, for one version, from the next search on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.person import Person


async def _found(person: Person, **asked: Any) -> list[dict[str, Any]]:
    answer = await person.post("/v1/retrieve/search", {"query": "tea", **asked})
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def _give(person: Person, memory: dict[str, Any], signal: str, times: int = 1) -> None:
    for _ in range(times):
        given = await person.post(f"/v1/memories/{memory['memory_id']}/feedback", {"signal": signal})
        assert (given.status_code, given.json()["memory_id"]) == (201, memory["memory_id"])


async def test_what_was_wrong_falls_behind_what_was_useful(person: Person) -> None:
    lemon = await person.remember("Ada drinks tea with lemon.")
    sugar = await person.remember("Ada drinks tea with sugar.")
    first, second = await _found(person)
    assert first["id"] == sugar["memory_id"]
    position = sugar["position"]
    await _give(person, sugar, "wrong", 4)
    await _give(person, lemon, "useful", 3)
    assert [each["id"] for each in await _found(person)] == [lemon["memory_id"], sugar["memory_id"]]
    factors = {each["id"]: each["components"]["feedback"] for each in await _found(person, profile="s4_hybrid")}
    assert factors == {lemon["memory_id"]: pytest.approx(1.3), sugar["memory_id"]: pytest.approx(0.8)}
    past = await _found(person, profile="s4_hybrid", as_of=position)
    assert [each["components"]["feedback"] for each in past] == [1.0, 1.0]
    new = await person.post(f"/v1/memories/{sugar['memory_id']}/versions", {"content": "Ada drinks tea with milk."})
    by_id = {each["id"]: each["components"]["feedback"] for each in await _found(person, profile="s4_hybrid")}
    assert by_id[new.json()["memory_id"]] == 1.0
    assert second["id"] == lemon["memory_id"]


async def test_messages_take_feedback_too_and_it_is_counted(person: Person) -> None:
    said = (await person.post("/v1/messages", {"role": "user", "content": "I like tea."})).json()
    known = await person.remember("Tea is liked.")
    path = f"/v1/messages/{said['id']}/feedback"
    given = await person.post(path, {"signal": "outdated", "context": "asked ann@example.com"})
    assert (given.status_code, given.json()["message_id"]) == (201, said["id"])
    await _give(person, known, "useful", 2)
    stats = (await person.get("/v1/feedback/stats")).json()
    assert stats == {"useful": 2, "irrelevant": 0, "outdated": 1, "wrong": 0}
    tiers = (await person.get("/v1/feedback/by-tier")).json()["breakdown"]
    assert tiers == [
        {"tier": known["trust_tier"], "signal": "useful", "count": 2},
        {"tier": None, "signal": "outdated", "count": 1},
    ]
    exported = (await person.post("/v1/dsr/export", {})).json()["feedback"]
    assert (exported[0]["kind"], exported[0]["context"], len(exported)) == ("message", "asked [email]", 3)


async def test_feedback_that_is_none_or_on_nothing_of_the_users_is_refused(person: Person) -> None:
    known = await person.remember("Tea is liked.")
    path = f"/v1/memories/{known['memory_id']}/feedback"
    assert (await person.post(path, {"signal": "superb"})).status_code == 422
    assert (await person.post(path, {"signal": "wrong", "context": "x" * 1001})).status_code == 422
    secret = await person.post(path, {"signal": "wrong", "context": "password: hunter2-and-more"})
    assert (secret.status_code, secret.json()["error"]["code"]) == (403, "SENSITIVE_CONTENT")
    assert (await person.post(f"/v1/memories/{uuid4()}/feedback", {"signal": "wrong"})).status_code == 404
    assert (await person.post(f"/v1/messages/{known['memory_id']}/feedback", {"signal": "wrong"})).status_code == 404
    assert (await person.post("/v1/memories/no-id/feedback", {"signal": "wrong"})).status_code == 400
    assert sum((await person.get("/v1/feedback/stats")).json().values()) == 0


@pytest.fixture
def ours(api: httpx.AsyncClient) -> Person:
    """Somebody of a tenant whose parameters no other test changes."""
    return Person(api, "ann", f"tenant-{uuid4().hex[:12]}")


async def _put(person: Person, **change: Any) -> httpx.Response:
    return await person.client.put("/v1/retrieval-params", json={"tenant_id": person.tenant_id, **change})


async def _tune(person: Person, **change: Any) -> dict[str, Any]:
    asked = {"tenant_id": person.tenant_id, **change}
    tuned: dict[str, Any] = (await person.client.post("/v1/retrieval-params/tune", json=asked)).json()
    return tuned


async def test_a_tenant_ranks_by_weights_of_its_own(ours: Person) -> None:
    minor = await ours.remember("Ada drinks tea with lemon.", importance=0.1)
    major = await ours.remember("Ada drinks tea with sugar.", importance=0.9)
    assert [each["id"] for each in await _found(ours)] == [major["memory_id"], minor["memory_id"]]
    changed = await _put(ours, weights={"importance": -1.0})
    assert (changed.status_code, changed.json()["version"], changed.json()["changed"]) == (200, 1, {"importance": -1.0})
    assert [each["id"] for each in await _found(ours)] == [minor["memory_id"], major["memory_id"]]
    kept = (await _put(ours, feedback_weight=0.3)).json()
    assert (kept["version"], kept["changed"], kept["weights"]["importance"]) == (2, {"importance": -1.0}, -1.0)
    assert (await _put(ours, weights={})).json()["changed"] == {}
    assert [each["id"] for each in await _found(ours)] == [major["memory_id"], minor["memory_id"]]
    trail = (await ours.client.get("/v1/audit", params={"tenant_id": ours.tenant_id})).json()["items"]
    changes = [each["meta"]["version"] for each in trail if each["event_type"] == "RETRIEVAL_PARAMS_CHANGED"]
    assert sorted(changes) == [1, 2, 3]


async def test_weights_that_nobody_knows_change_nothing(ours: Person) -> None:
    await ours.remember("Ada drinks tea.")
    for change in ({"weights": {"magic": 1.0}}, {"weights": {"recency": 11}}, {"feedback_weight": 0.6}, {"more": 1}):
        assert (await _put(ours, **change)).status_code == 422, change
    read = (await ours.client.get("/v1/retrieval-params", params={"tenant_id": ours.tenant_id})).json()
    assert (read["version"], read["feedback_weight"], read["changed"]) == (0, 0.1, {})


async def test_tuning_waits_for_feedback_and_then_follows_it(ours: Person) -> None:
    memory = await ours.remember("Ada drinks tea.")
    assert (await _tune(ours))["tuned"] is False
    await _give(ours, memory, "useful", 10)
    tuned = await _tune(ours)
    assert (tuned["tuned"], tuned["old_params"]["feedback_weight"], tuned["new_params"]["feedback_weight"]) == (
        True,
        0.1,
        0.11,
    )
    assert (await _tune(ours, feedback_weight=0.5))["new_params"]["feedback_weight"] == 0.5
    found = await _found(ours, profile="s4_hybrid")
    assert found[0]["components"]["feedback"] == 2.0
