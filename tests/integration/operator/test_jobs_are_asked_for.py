"""Replays and retention runs over HTTP, and the policy that a run applies."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.operator.desk import Desk

WAIT = {"Prefer": "wait=25"}


async def test_a_replay_says_that_the_records_equal_the_ledger(desk: Desk) -> None:
    for number in range(3):
        await desk.say(f"message {number}", user=f"user{number}")
    body = {"tenant_id": desk.tenant, "redecide": True}
    answer = await desk.client.post("/v1/admin/replay", json=body, headers=WAIT)
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == f"/v1/admin/jobs/{job['job_id']}"
    assert (job["status"], job["kind"], job["tenant_id"]) == ("done", "replay.verify", desk.tenant)
    result = job["result"]
    assert (result["equal"], result["users"], result["events"], result["differences"]) == (True, 3, 3, [])
    assert result["decided_otherwise"] == 0


async def test_a_replay_finds_a_row_changed_by_hand(desk: Desk) -> None:
    message_id = await desk.say("what was said")
    desk.stack.rows.all("UPDATE messages SET content = 'forged' WHERE message_id = %s RETURNING 1", message_id)
    body = {"tenant_id": desk.tenant, "user_id": "ann"}
    answer = await desk.client.post("/v1/admin/replay", json=body, headers=WAIT)
    result = answer.json()["result"]
    assert not result["equal"]
    (difference,) = result["differences"]
    assert (difference["table"], difference["difference"]) == ("messages", "different")
    assert difference["id"].startswith(str(message_id))
    assert "forged" not in answer.text


async def test_a_replay_of_everybody_covers_every_tenant(desk: Desk) -> None:
    await desk.say("something")
    answer = await desk.client.post("/v1/admin/replay", json={}, headers=WAIT)
    job = answer.json()
    assert (job["status"], job["tenant_id"]) == ("done", "*")
    assert job["result"]["users"] >= 1


async def test_a_job_can_be_asked_for_later(desk: Desk) -> None:
    await desk.say("something")
    body = {"tenant_id": desk.tenant}
    asked = (await desk.client.post("/v1/admin/replay", json=body, headers={"Prefer": "wait=0"})).json()
    assert asked["result"] is None

    async def done() -> dict[str, Any] | None:
        job = (await desk.client.get(f"/v1/admin/jobs/{asked['job_id']}")).json()
        return job if job["status"] == "done" else None

    job = await eventually(done, within=25)
    assert job["result"]["equal"]
    assert job["requested_at"] <= job["started_at"] <= job["finished_at"]


async def test_an_unknown_job_is_not_found(desk: Desk) -> None:
    assert (await desk.client.get(f"/v1/admin/jobs/{uuid4()}")).status_code == 404


async def test_a_dry_run_tells_and_a_run_does(desk: Desk) -> None:
    """S2-27: the same numbers, and changes only from the second."""
    for number in range(3):
        await desk.say(f"old {number}")
    desk.make_old(40)
    await desk.say("new", importance_override=0.9)
    body = {"tenant_id": desk.tenant, "actions": ["archive", "delete"]}
    dry = await desk.client.post("/v1/admin/retention/run", json={**body, "dry_run": True}, headers=WAIT)
    assert (dry.status_code, dry.json()) == (200, {"archived": 3, "deleted": 0, "dry_run": True})
    archived = "SELECT count(*) FROM messages WHERE tenant_id = %s AND to_seq IS NULL AND archived"
    assert desk.stack.rows.value(archived, desk.tenant) == 0
    wet = await desk.client.post("/v1/admin/retention/run", json=body, headers=WAIT)
    assert (wet.status_code, wet.json()) == (200, {"archived": 3, "deleted": 0, "dry_run": False})
    assert desk.stack.rows.value(archived, desk.tenant) == 3
    again = await desk.client.post("/v1/admin/retention/run", json=body, headers=WAIT)
    assert again.json() == {"archived": 0, "deleted": 0, "dry_run": False}


async def test_a_run_that_takes_longer_than_the_wait_is_answered_with_its_job(desk: Desk) -> None:
    body = {"tenant_id": desk.tenant, "actions": ["archive"]}
    answer = await desk.client.post("/v1/admin/retention/run", json=body, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert answer.json()["status"] in ("queued", "running")
    assert answer.headers["Location"] == f"/v1/admin/jobs/{answer.json()['job_id']}"


@pytest.mark.parametrize(("actions", "status"), [([], 400), (["shred"], 422), ("archive", 422)])
async def test_actions_that_are_none_are_refused(desk: Desk, actions: object, status: int) -> None:
    answer = await desk.client.post(
        "/v1/admin/retention/run", json={"tenant_id": desk.tenant, "actions": actions}, headers=WAIT
    )
    assert answer.status_code == status


async def test_health_tells_of_the_last_run(desk: Desk) -> None:
    """S3-04."""
    body = {"tenant_id": desk.tenant, "actions": ["archive"], "dry_run": True}
    await desk.client.post("/v1/admin/retention/run", json=body, headers=WAIT)

    async def told() -> dict[str, Any] | None:
        found: dict[str, Any] | None = (await desk.client.get("/v1/admin/health")).json()["retention"]
        return found

    retention = await eventually(told)
    assert retention["last_result"] == "done"


async def test_a_policy_is_made_with_defaults_and_changed_by_name(desk: Desk) -> None:
    """S2-29; a run obeys what was set."""
    policy = (await desk.client.get("/v1/retention/policy", params={"tenant_id": desk.tenant})).json()
    assert policy | {"updated_at": None} == {
        "tenant_id": desk.tenant, "max_age_days": 30, "importance_threshold": 0.35, "max_items": None,
        "delete_after_days": 90, "updated_at": None,
    }  # fmt: skip
    changed = {"tenant_id": desk.tenant, "max_age_days": 3650, "importance_threshold": 0.0, "max_items": 1}
    answer = await desk.client.put("/v1/retention/policy", json=changed)
    assert answer.status_code == 200
    assert answer.json()["delete_after_days"] == 90
    for number in range(3):
        await desk.say(f"{number}", importance_override=0.9)
    desk.make_old(2)
    body = {"tenant_id": desk.tenant, "actions": ["archive"]}
    run = await desk.client.post("/v1/admin/retention/run", json=body, headers=WAIT)
    assert run.json()["archived"] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"max_age_days": 0},
        {"max_age_days": 3651},
        {"importance_threshold": 1.1},
        {"max_items": 0},
        {"unknown": 1},
        {"max_items": 2**31},
        {"max_age_days": None},
        {"importance_threshold": None},
        {"delete_after_days": None},
    ],
)
async def test_a_policy_beyond_its_limits_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    answer = await desk.client.put("/v1/retention/policy", json={"tenant_id": desk.tenant, **change})
    assert answer.status_code == 422
    assert next(iter(change)) in answer.json()["detail"]


async def test_the_limit_on_the_number_of_messages_is_lifted_by_null(desk: Desk) -> None:
    for items in (5, None):
        policy = {"tenant_id": desk.tenant, "max_items": items}
        assert (await desk.client.put("/v1/retention/policy", json=policy)).json()["max_items"] == items
