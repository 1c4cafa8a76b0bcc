"""Every endpoint, the ones that will be added too, keeps everybody out who has no business there (guarantee 12).

The routes are read from the application itself: a new one without an entry here fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.credentials import MASTER_KEY, Keys, bearer

_PUBLIC = {
    "/health", "/health/instance", "/healthz", "/healthz/live", "/healthz/ready", "/v1/admin/health",
    "/v1/admin/readiness", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc",
}  # fmt: skip
_SAID = {"role": "user", "content": "Ann is allergic to peanuts."}
_MINE = {"role": "user", "content": "Something of mine."}
_BOAT = {"name": "boat", "columns": [{"name": "name", "dtype": "string"}]}


@dataclass(frozen=True)
class Entry:
    """How to call an endpoint about somebody else's memory, and what it must not do then."""

    body: dict[str, Any] | None = None
    denied: int = 404
    names_owner: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


# What another user of the same tenant, and another tenant, get for the ids of Ann. 200 and 207: an answer without
# anything of hers, which the test looks for.
_ENTRIES = {
    "POST /v1/messages": Entry(_MINE, 201),
    "POST /v1/messages/batch": Entry({"messages": [_MINE]}, 201),
    "PUT /v1/messages/batch/update": Entry({"updates": [{"message_id": "MESSAGE", "update": {"archived": True}}]}, 207),
    "POST /v1/messages/batch/update": Entry(
        {"updates": [{"message_id": "MESSAGE", "update": {"archived": True}}]}, 207
    ),
    "DELETE /v1/messages/batch": Entry({"message_ids": ["MESSAGE"]}, 207),
    "POST /v1/messages/batch/delete": Entry({"message_ids": ["MESSAGE"]}, 207),
    "GET /v1/messages/{message_id}": Entry(),
    "GET /v1/messages/{message_id}/extraction": Entry(),
    "PUT /v1/messages/{message_id}": Entry({"content": "changed"}),
    "DELETE /v1/messages/{message_id}": Entry(),
    "POST /v1/messages/{message_id}/feedback": Entry({"signal": "wrong"}),
    "POST /v1/memories/{memory_id}/feedback": Entry({"signal": "wrong"}),
    "GET /v1/feedback/stats": Entry(denied=200),
    "GET /v1/feedback/by-tier": Entry(denied=200),
    "GET /v1/conversations": Entry(denied=200),
    "GET /v1/conversations/{conversation_id}": Entry(),
    "GET /v1/conversations/{conversation_id}/messages": Entry(),
    "POST /v1/observe": Entry({"messages": [{"role": "user", "content": "Hello."}]}, 200),
    "POST /v1/memories": Entry({"content": "Something of mine."}, 201),
    "POST /v1/memories/batch": Entry({"memories": [{"content": "Another thing of mine."}]}, 201),
    "GET /v1/memories": Entry(denied=200),
    "GET /v1/memories/{memory_id}": Entry(),
    "GET /v1/memories/{memory_id}/history": Entry(),
    "DELETE /v1/memories/{memory_id}": Entry(),
    "POST /v1/memories/{memory_id}/versions": Entry({"content": "changed"}),
    "PUT /v1/memories/{memory_id}/correct": Entry({"new_content": "changed"}),
    "POST /v1/memories/correct": Entry({"query": "peanuts allergic", "new_content": "changed"}),
    "POST /v1/correct": Entry({"memory_id": "MEMORY", "new_content": "changed"}),
    "POST /v1/teach": Entry({"content": "A rule of mine.", "label": "rule"}, 201),
    "POST /v1/forget": Entry({"memory_ids": ["MEMORY"]}, 207),
    "GET /v1/memories/{memory_id}/decision": Entry(),
    "POST /v1/memories/{memory_id}/undo": Entry({}),
    "POST /v1/memories/search": Entry({"query": "peanuts allergic"}, 200),
    "POST /v1/memories/retrieve": Entry({"query": "peanuts allergic"}, 200),
    "GET /v1/memory/search": Entry(denied=200, parameters={"query": "peanuts allergic"}),
    "POST /v1/retrieve/search": Entry({"query": "peanuts allergic"}, 200),
    "POST /v1/retrieve/context": Entry({"query": "peanuts allergic"}, 200),
    "POST /chat": Entry({"message": "What is Ann allergic to?", "memory_enabled": False}, 200),
    "GET /memories": Entry(denied=200),
    "PUT /memories/{type}/{memory_id}": Entry({"key": "allergy", "value": "none"}),
    "DELETE /memories/{type}/{memory_id}": Entry(),
    "GET /messages": Entry(denied=200),
    "DELETE /clear": Entry(denied=200),
    "GET /v1/operations/{operation_id}": Entry(),
    "POST /v1/operations/{operation_id}/undo": Entry({}),
    "POST /auth/keys": Entry({"user_id": "ann", "name": "mine now"}, 403, names_owner=False),
    "GET /auth/keys": Entry(denied=200),
    "GET /auth/keys/{key_id}": Entry(names_owner=False),
    "PUT /auth/keys/{key_id}/rotate": Entry(names_owner=False),
    "DELETE /auth/keys/{key_id}": Entry(names_owner=False),
    "GET /v1/admin/monitors": Entry(denied=403, names_owner=False),
    "PUT /v1/admin/kill-switch": Entry({"create_only": True}, 403, names_owner=False),
    "GET /v1/search/policy": Entry(denied=403, names_owner=False),
    "PUT /v1/search/policy": Entry({"rerank": False}, 403, names_owner=False),
    "GET /v1/admin/reembed": Entry(denied=403, names_owner=False),
    "POST /v1/admin/reembed": Entry({"embedder": "wordllama"}, 403, names_owner=False),
    "POST /v1/admin/reembed/flip": Entry(denied=403, names_owner=False),
    "POST /v1/admin/reembed/cancel": Entry(denied=403, names_owner=False),
    "GET /v1/admin/status": Entry(denied=403, names_owner=False),
    "GET /v1/admin/dead-letters": Entry(denied=403, names_owner=False),
    "GET /v1/admin/dead-letters/{letter_id}": Entry(denied=403, names_owner=False),
    "POST /v1/admin/dead-letters/{letter_id}/redrive": Entry(denied=403, names_owner=False),
    "POST /v1/admin/dead-letters/redrive": Entry({"stage": "resolver"}, 403, names_owner=False),
    "POST /v1/admin/replay": Entry({}, 403, names_owner=False),
    "POST /v1/admin/keys/rewrap": Entry(denied=403, names_owner=False),
    "GET /v1/admin/jobs/{job_id}": Entry(denied=403, names_owner=False),
    "POST /v1/admin/retention/run": Entry({"actions": ["archive"]}, 403, names_owner=False),
    "POST /v1/reflect": Entry({}, 202),
    "POST /v1/reflect/candidates": Entry({}, 202),
    "POST /v1/extraction/rerun": Entry({"run": "b"}, 403, names_owner=False),
    "POST /v1/extraction/accept": Entry({"run": "b"}, 403, names_owner=False),
    "GET /v1/extraction/policy": Entry(denied=403, names_owner=False),
    "PUT /v1/extraction/policy": Entry({"daily_tokens": 1}, 403, names_owner=False),
    "GET /v1/retention/policy": Entry(denied=403, names_owner=False),
    "PUT /v1/retention/policy": Entry({"max_items": 1}, 403, names_owner=False),
    "POST /v1/dsr/erase": Entry({}, 202),
    "POST /v1/dsr/export": Entry({}, 200),
    "POST /v1/dsr/rectify": Entry({"memories": [{"memory_id": "MEMORY", "new_content": "changed"}]}, 202),
    "GET /v1/dsr/{request_id}": Entry(names_owner=False),
    "POST /v1/schemas": Entry({"classes": [_BOAT]}, 403, names_owner=False),
    "GET /v1/schemas": Entry(denied=403, names_owner=False),
    "GET /v1/schemas/{version}": Entry(denied=403, names_owner=False),
    "POST /v1/schemas/{version}/annotate": Entry({}, 403, names_owner=False),
    "POST /v1/schemas/{version}/approve": Entry({}, 403, names_owner=False),
    "POST /v1/schemas/{version}/activate": Entry({}, 403, names_owner=False),
    "POST /v1/schemas/{version}/deprecate": Entry({}, 403, names_owner=False),
    "POST /v1/schemas/{version}/backfill": Entry({}, 403, names_owner=False),
    "POST /v1/records": Entry({"memory_class": "boat", "values": {"name": "Argo"}}, 422),
    "GET /v1/retrieval-params": Entry(denied=403, names_owner=False),
    "PUT /v1/retrieval-params": Entry({"weights": {"recency": 1.0}}, 403, names_owner=False),
    "POST /v1/retrieval-params/tune": Entry({}, 403, names_owner=False),
    "GET /v1/audit": Entry(denied=200),
    "POST /v1/extract": Entry({"message": "Something of mine."}, 202, headers={"Prefer": "wait=0"}),
    "GET /v1/privacy/policy": Entry(denied=403, names_owner=False),
    "PUT /v1/privacy/policy": Entry({"redacted_values": ["diagnosis"]}, 403, names_owner=False),
}


@dataclass(frozen=True)
class Ann:
    """What belongs to Ann, by the names that paths and bodies have for it."""

    ids: dict[str, str]

    def path(self, endpoint: str) -> str:
        """The path with her ids in it."""
        path = endpoint.split(" ", 1)[1]
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def body(self, body: dict[str, Any] | None) -> dict[str, Any] | None:
        """The body with her ids in it."""
        if body is None:
            return None
        message = self.ids["message_id"]
        filled = {**body}
        if "updates" in body:
            filled["updates"] = [{**update, "message_id": message} for update in body["updates"]]
        if "memories" in body:
            filled["memories"] = [
                {**memory, **({"memory_id": self.ids["memory_id"]} if "memory_id" in memory else {})}
                for memory in body["memories"]
            ]
        if "message_ids" in body:
            filled["message_ids"] = [message]
        if "memory_id" in body:
            filled["memory_id"] = self.ids["memory_id"]
        if "memory_ids" in body:
            filled["memory_ids"] = [self.ids["memory_id"]]
        return filled


async def _endpoints(client: httpx.AsyncClient) -> set[str]:
    document = (await client.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if path not in _PUBLIC
    }


async def _call(
    client: httpx.AsyncClient, endpoint: str, ann: Ann, headers: dict[str, str], name: dict[str, str] | None = None
) -> httpx.Response:
    entry = _ENTRIES[endpoint]
    body = ann.body(entry.body)
    parameters = dict(entry.parameters)
    if body is None:
        parameters |= name or {}
    else:
        body |= name or {}
    return await client.request(
        endpoint.split(" ", 1)[0], ann.path(endpoint), json=body, params=parameters, headers=headers | entry.headers
    )


@pytest.fixture
async def ann(locked: httpx.AsyncClient) -> Ann:
    """Ann, with one of everything."""
    key = await Keys(locked).make("ann")
    headers = bearer(key["raw_key"])
    said = await locked.post("/v1/messages", json=_SAID | {"conversation_id": "hers"}, headers=headers)
    stored = await locked.post("/v1/memories", json={"content": "Ann is allergic to peanuts."}, headers=headers)
    later = await locked.post("/v1/messages", json=_SAID, headers=headers | {"Prefer": "wait=0"})
    return Ann(
        {
            "message_id": said.json()["id"],
            "conversation_id": "hers",
            "memory_id": stored.json()["memory_id"],
            "operation_id": later.json()["operation_id"],
            "key_id": key["key_id"],
            "request_id": str(uuid4()),
            "version": "1",
            "type": "identity",
        }
    )


async def test_every_endpoint_of_the_application_has_a_denial_test(locked: httpx.AsyncClient) -> None:
    assert await _endpoints(locked) == set(_ENTRIES)


@pytest.mark.parametrize("endpoint", sorted(_ENTRIES))
async def test_nobody_is_let_in_without_a_credential(locked: httpx.AsyncClient, ann: Ann, endpoint: str) -> None:
    for headers in ({}, bearer("sk-" + "0" * 32)):
        answer = await _call(locked, endpoint, ann, headers)
        assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(("tenant", "user"), [("acme", "bob"), ("other", "ann")])
@pytest.mark.parametrize("endpoint", sorted(_ENTRIES))
async def test_nothing_of_anns_is_shown_to_or_changed_by_others(
    locked: httpx.AsyncClient, ann: Ann, endpoint: str, tenant: str, user: str
) -> None:
    headers = bearer((await Keys(locked).make(user, tenant))["raw_key"])
    answer = await _call(locked, endpoint, ann, headers)

    assert answer.status_code == _ENTRIES[endpoint].denied, answer.text
    assert "peanuts" not in answer.text.replace('"query":"peanuts allergic"', "")
    master = bearer(MASTER_KEY)
    hers = {"tenant_id": "acme", "user_id": "ann"}
    kept = await locked.get(f"/v1/messages/{ann.ids['message_id']}", params=hers, headers=master)
    assert (kept.json()["content"], kept.json()["revision"]) == (_SAID["content"], 1)
    assert (await locked.get(f"/v1/memories/{ann.ids['memory_id']}", params=hers, headers=master)).status_code == 200
    assert (await locked.get(f"/auth/keys/{ann.ids['key_id']}", headers=master)).status_code == 200


@pytest.mark.parametrize("endpoint", sorted(name for name, entry in _ENTRIES.items() if entry.names_owner))
@pytest.mark.parametrize("name", [{"tenant_id": "acme", "user_id": "ann"}, {"tenant_id": "other"}, {"user_id": "ann"}])
async def test_naming_another_tenant_or_user_is_forbidden(
    locked: httpx.AsyncClient, ann: Ann, endpoint: str, name: dict[str, str]
) -> None:
    headers = bearer((await Keys(locked).make("bob"))["raw_key"])
    answer = await _call(locked, endpoint, ann, headers, name)
    assert answer.status_code == 403, answer.text
