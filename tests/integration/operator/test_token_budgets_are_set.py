"""A tenant's token budget over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.operator.desk import Desk

_PATH = "/v1/extraction/policy"


async def _policy(desk: Desk) -> dict[str, Any]:
    answer = await desk.client.get(_PATH, params={"tenant_id": desk.tenant})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_without_a_budget_nothing_is_limited(desk: Desk) -> None:
    await desk.say("something")
    assert await _policy(desk) == {
        "tenant_id": desk.tenant, "daily_tokens": None, "monthly_tokens": None, "over_budget": "wait",
        "spent_today": 0, "spent_this_month": 0, "requests_this_month": 0,
        "waiting": {"model_away": 0, "over_budget": 0},
    }  # fmt: skip


async def test_a_budget_is_changed_by_name_and_lifted_by_null(desk: Desk) -> None:
    await desk.say("something")
    changes: list[dict[str, Any]] = [
        {"daily_tokens": 5},
        {"monthly_tokens": 50, "over_budget": "rules"},
        {"daily_tokens": None},
    ]
    for change in changes:
        answer = await desk.client.put(_PATH, json={"tenant_id": desk.tenant, **change})
        assert answer.status_code == 200, answer.text
    found = await _policy(desk)
    assert (found["daily_tokens"], found["monthly_tokens"], found["over_budget"]) == (None, 50, "rules")


async def test_what_was_spent_and_what_waits_is_told(desk: Desk) -> None:
    await desk.say("something")
    for day, tokens in (("current_date", 7), ("date_trunc('month', current_date) - interval '1 day'", 100)):
        desk.stack.rows.all(
            "INSERT INTO model_usage (tenant_id, day, model, prompt_tokens, completion_tokens, requests)"
            f" VALUES (%s, {day}, 'small', %s, 1, 2) RETURNING 1",
            desk.tenant,
            tokens,
        )
    desk.stack.rows.all(
        "INSERT INTO postponed_extractions (tenant_id, user_id, position, message_id, event_id, reason, retry_at)"
        " VALUES (%s, 'ann', 1, gen_random_uuid(), gen_random_uuid(), 'over_budget', now() + interval '1 day')"
        " RETURNING 1",
        desk.tenant,
    )
    found = await _policy(desk)
    assert (found["spent_today"], found["spent_this_month"], found["requests_this_month"]) == (8, 8, 2)
    assert found["waiting"] == {"model_away": 0, "over_budget": 1}


@pytest.mark.parametrize(
    "change",
    [{"daily_tokens": -1}, {"monthly_tokens": 10**13}, {"over_budget": "shrug"}, {"over_budget": None}, {"other": 1}],
)
async def test_a_budget_beyond_its_limits_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    await desk.say("something")
    answer = await desk.client.put(_PATH, json={"tenant_id": desk.tenant, **change})
    assert answer.status_code == 422
    assert next(iter(change)) in answer.json()["detail"]
    assert (await _policy(desk))["daily_tokens"] is None
