"""Monitors and the kill switch, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.integration.operator.desk import Desk


async def test_monitors_count_what_is_kept_and_show_the_switches(desk: Desk) -> None:
    """A tenant that nobody has complained about; its switch is set, shown, and set back."""
    name = {"tenant_id": desk.tenant, "user_id": "ann"}
    stored = await desk.client.post("/v1/memories", json={"content": "Has a cat.", **name})
    assert stored.status_code == 201
    found = await desk.client.post("/v1/memories/search", json={"query": "zeppelin", **name})
    assert found.status_code == 200
    wanted = {"tenant_id": desk.tenant, "memory_class": "goal", "create_only": True, "reason": "odd merges"}
    switched = (await desk.client.put("/v1/admin/kill-switch", json=wanted)).json()
    assert (switched["create_only"], switched["automatic"]) == (True, False)

    monitors: dict[str, Any] = (
        await desk.client.get("/v1/admin/monitors", params={"tenant_id": desk.tenant, "hours": 1})
    ).json()
    assert monitors["index"]["memories"] == 1
    assert monitors["index"]["bytes_on_disk"] > 0
    assert monitors["classes"] == [
        {
            "memory_class": "note",
            "created": 0,
            "updated": 0,
            "false_updates": 0,
            "near_misses": 0,
            "false_update_rate": 0.0,
            "near_miss_rate": 0.0,
        }
    ]
    assert monitors["search"]["searches"] >= monitors["search"]["without_hits"]
    assert [one["reason"] for one in monitors["kill_switches"]] == ["odd merges"]

    back = (await desk.client.put("/v1/admin/kill-switch", json={**wanted, "create_only": False})).json()
    assert back["version"] > switched["version"]


async def test_bad_questions_about_monitors_are_refused(desk: Desk) -> None:
    asked = [
        await desk.client.get("/v1/admin/monitors", params={"tenant_id": desk.tenant, "hours": 0}),
        await desk.client.put("/v1/admin/kill-switch", json={"tenant_id": desk.tenant}),
        await desk.client.put("/v1/admin/kill-switch", json={"create_only": True, "class": "goal"}),
    ]
    assert [answer.status_code for answer in asked] == [422, 422, 422]
