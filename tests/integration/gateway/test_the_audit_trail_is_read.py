"""Who asked for what of whose memory, page by page, and to nobody but its own people (S0-31)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.integration.gateway.credentials import MASTER_KEY, Keys, bearer
from tests.integration.gateway.person import Person


async def _events(person: Person, **wanted: Any) -> list[dict[str, Any]]:
    answer = await person.get("/v1/audit", **wanted)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


async def test_what_was_asked_for_is_on_the_trail_and_can_be_filtered(person: Person) -> None:
    memory = await person.remember("Ann lives in Bremen.")
    await person.post("/v1/dsr/export", {})
    record = {"memory_id": memory["memory_id"], "new_content": "Ann lives in Bergen."}
    await person.post("/v1/dsr/rectify", {"memories": [record]})
    trail = await _events(person)
    assert [event["event_type"] for event in trail] == ["SUBJECT_RECTIFICATION_REQUESTED", "SUBJECT_EXPORTED"]
    assert {(event["tenant_id"], event["user_id"], event["actor"]) for event in trail} == {
        (person.tenant_id, person.user_id, "master")
    }
    assert "Bergen" not in str(trail)
    assert [event["event_id"] for event in await _events(person, event_type="SUBJECT_EXPORTED")] == [
        trail[1]["event_id"]
    ]
    assert await _events(person, since=trail[0]["happened_at"]) == trail[:1]
    assert await _events(person, until=trail[0]["happened_at"]) == trail[1:]
    assert await _events(person.somebody_else()) == []


async def test_pages_of_the_trail_join_without_gap_or_repetition(person: Person) -> None:
    for _ in range(5):
        await person.post("/v1/dsr/export", {})
    whole = await _events(person)
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await person.get("/v1/audit", limit=2, **cursor)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert (len(whole), found) == (5, whole)


async def test_keys_and_policies_are_on_the_trail_of_their_tenant_alone(locked: httpx.AsyncClient) -> None:
    tenant, master = f"t{uuid4().hex[:8]}", bearer(MASTER_KEY)
    key = await Keys(locked).make("ann", tenant)
    await locked.put("/v1/retention/policy", json={"tenant_id": tenant, "max_items": 5}, headers=master)
    rotated = (await locked.put(f"/auth/keys/{key['key_id']}/rotate", headers=bearer(key["raw_key"]))).json()
    trail = (await locked.get("/v1/audit", params={"tenant_id": tenant}, headers=master)).json()["items"]
    assert [(event["event_type"], event["user_id"], event["actor"]) for event in trail] == [
        ("KEY_ROTATED", "ann", f"{tenant}/ann"),
        ("RETENTION_POLICY_CHANGED", None, "master"),
        ("KEY_MADE", "ann", "master"),
    ]
    assert trail[1]["meta"] == {"max_items": 5}
    own = (await locked.get("/v1/audit", headers=bearer(rotated["raw_key"]))).json()["items"]
    assert own == [trail[0], trail[2]]
    unknown = await locked.get("/v1/audit", params={"tenant_id": "nobody-knows"}, headers=master)
    assert unknown.status_code == 404
