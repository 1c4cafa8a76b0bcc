"""Reflection over HTTP, through retention and the resolver."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.operator.desk import Desk

_WAIT = {"Prefer": "wait=25"}
_KNOWN = (
    "Ann loves hiking.",
    "Ann went hiking in the Alps.",
    "Ann went hiking in Norway.",
    "Ann lives in Berlin.",
    "Ann has two dogs.",
    "Ann works at Acme.",
)


async def _know(desk: Desk) -> None:
    for number, content in enumerate(_KNOWN):
        body = {"tenant_id": desk.tenant, "user_id": "ann", "content": content, "session_id": f"s{number % 2}"}
        answer = await desk.client.post("/v1/memories", json=body)
        assert answer.status_code == 201, answer.text


async def _post(desk: Desk, path: str, status: int, **parameters: str) -> dict[str, Any]:
    body = {"tenant_id": desk.tenant, "user_id": "ann"}
    answer = await desk.client.post(path, json=body, params=parameters, headers=_WAIT)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_belongs_together_is_shown_and_then_distilled(desk: Desk) -> None:
    await _know(desk)
    (candidate,) = (await _post(desk, "/v1/reflect/candidates", 200))["candidates"]
    assert [memory["content"] for memory in candidate["memories"]] == list(_KNOWN[:3])
    assert candidate["signal"] == "semantic_cluster"
    done = await _post(desk, "/v1/reflect", 200)
    assert (done["scenes_created"], done["candidates_found"]) == (1, 1)
    listed = (
        await desk.client.get("/v1/memories", params={"tenant_id": desk.tenant, "user_id": "ann", "limit": 50})
    ).json()
    items = listed["items"] if isinstance(listed, dict) else listed
    (made,) = [item for item in items if item["source"].startswith("reflection/")]
    assert made["content"] == "Ann loves hiking; went hiking in the Alps and Norway."
    assert len(made["source_memory_ids"]) == 3
    for source in made["source_memory_ids"]:
        answer = await desk.client.get(f"/v1/memories/{source}", params={"tenant_id": desk.tenant, "user_id": "ann"})
        assert answer.json()["content"] in _KNOWN


async def test_reflecting_again_at_once_is_refused_unless_forced(desk: Desk) -> None:
    await _know(desk)
    await _post(desk, "/v1/reflect", 200)
    refused = await _post(desk, "/v1/reflect", 429)
    assert refused["error"]["code"] == "COOLDOWN"
    assert 7_000 < refused["retry_after"] <= 7_200
    assert (await _post(desk, "/v1/reflect", 200, force="true"))["scenes_created"] == 0


@pytest.mark.parametrize("fault", [{"user_id": ""}, {"other": 1}])
async def test_a_bad_request_for_a_reflection_is_refused(desk: Desk, fault: dict[str, Any]) -> None:
    answer = await desk.client.post("/v1/reflect", json={"tenant_id": desk.tenant, **fault})
    assert answer.status_code == 422
    assert next(iter(fault)) in answer.json()["detail"]
