"""Asking for an extraction anew over HTTP: bad requests change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.operator.desk import Desk

_NOW = {"Prefer": "wait=0"}


async def test_a_run_is_queued_as_a_job(desk: Desk) -> None:
    await desk.say("I live in Berlin.")
    body = {"tenant_id": desk.tenant, "user_id": "ann", "run": "b", "extractor": "rules"}
    answer = await desk.client.post("/v1/extraction/rerun", json=body, headers=_NOW)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"/v1/admin/jobs/{job['job_id']}"
    assert (job["kind"], job["tenant_id"]) == ("extraction.rerun", desk.tenant)
    assert job["parameters"] == {"run": "b", "user_id": "ann", "extractor": "rules"}


@pytest.mark.parametrize("verb", ["rerun", "accept"])
@pytest.mark.parametrize(
    "fault", [{"run": "live"}, {"run": ""}, {"run": "a b"}, {"run": "a" * 101}, {"user_id": ""}, {"other": 1}]
)
async def test_a_run_with_a_bad_name_is_refused(desk: Desk, verb: str, fault: dict[str, Any]) -> None:
    await desk.say("something")
    body = {"tenant_id": desk.tenant, "run": "b", **fault}
    answer = await desk.client.post(f"/v1/extraction/{verb}", json=body, headers=_NOW)
    assert answer.status_code == 422
    assert next(iter(fault)) in answer.json()["detail"]
    assert desk.stack.rows.value("SELECT count(*) FROM jobs WHERE tenant_id = %s", desk.tenant) == 0


@pytest.mark.parametrize("fault", [{"extractor": "magic"}, {"model": ""}, {"extractor": "rules", "model": "small"}])
async def test_an_extractor_that_is_none_is_refused(desk: Desk, fault: dict[str, Any]) -> None:
    await desk.say("something")
    answer = await desk.client.post(
        "/v1/extraction/rerun", json={"tenant_id": desk.tenant, "run": "b", **fault}, headers=_NOW
    )
    assert answer.status_code == 422
    assert list(fault)[-1] in answer.json()["detail"]
