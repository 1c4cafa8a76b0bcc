"""The privacy policy of a tenant, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.person import Person

_SAID = "Write to ann@example.com, my address is 203.0.113.9."


async def _policy(api: httpx.AsyncClient, tenant: str, **change: Any) -> httpx.Response:
    return await api.put("/v1/privacy/policy", json={"tenant_id": tenant, **change})


@pytest.fixture
def ours(api: httpx.AsyncClient) -> Person:
    """Somebody of a tenant whose policy no other test changes."""
    return Person(api, "ann", f"tenant-{uuid4().hex[:12]}")


async def test_the_default_policy_refuses_secrets_and_replaces_personal_data(ours: Person) -> None:
    answer = (await ours.client.get("/v1/privacy/policy", params={"tenant_id": ours.tenant_id})).json()
    assert (answer["version"], answer["rules"]["password"]["action"]) == (0, "block")
    assert answer["rules"]["email"] == {"action": "redact", "purpose": None}
    said = await ours.post("/v1/messages", {"role": "user", "content": _SAID})
    assert said.json()["content"] == "Write to [email], my address is [ip]."


async def test_a_changed_policy_holds_from_the_next_write_on(ours: Person) -> None:
    rules = {"email": {"action": "allow", "purpose": "support"}, "ip": {"action": "block"}}
    changed = await _policy(ours.client, ours.tenant_id, rules=rules)
    assert (changed.status_code, changed.json()["version"]) == (200, 1)
    refused = await ours.post("/v1/messages", {"role": "user", "content": _SAID})
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "The content holds an IP address and was not stored.",
    )
    said = await ours.post("/v1/messages", {"role": "user", "content": "ann@example.com"})
    assert said.json()["content"] == "ann@example.com"


async def test_what_is_not_named_of_a_policy_stays(ours: Person) -> None:
    await _policy(ours.client, ours.tenant_id, rules={"ip": {"action": "block"}})
    changed = (await _policy(ours.client, ours.tenant_id, redacted_values=["diagnosis"])).json()
    assert (changed["version"], changed["rules"]["ip"]["action"]) == (2, "block")
    said = await ours.post("/v1/messages", {"role": "user", "content": "hi", "metadata": {"diagnosis": "asthma"}})
    assert said.json()["metadata"] == {"diagnosis": "[redacted]"}


@pytest.mark.parametrize(
    "rules",
    [
        {"password": {"action": "allow", "purpose": "x"}},
        {"email": {"action": "allow"}},
        {"email": {"action": "redact", "purpose": "x"}},
        {"email": {"action": "keep"}},
        {"shoe_size": {"action": "redact"}},
    ],
)
async def test_a_policy_that_may_not_be_is_refused_and_changes_nothing(ours: Person, rules: dict[str, Any]) -> None:
    assert (await _policy(ours.client, ours.tenant_id, rules=rules)).status_code == 422
    answer = await ours.client.get("/v1/privacy/policy", params={"tenant_id": ours.tenant_id})
    assert answer.json()["version"] == 0


async def test_one_secret_of_a_batch_is_refused_alone(ours: Person) -> None:
    messages = [{"role": "user", "content": text} for text in ("one", "password: hunter2", "three")]
    answer = (await ours.post("/v1/messages/batch", {"messages": messages})).json()
    assert [message["content"] for message in answer["created"]] == ["one", "three"]
    assert [(error["message_index"], error["code"]) for error in answer["errors"]] == [(1, "SENSITIVE_CONTENT")]
