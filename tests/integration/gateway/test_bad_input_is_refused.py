"""Bad input: a clear 4xx with ``detail`` and ``error``, and nothing half-written (features.md, C9, C10, S2-34)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.gateway.person import Person

_JSON = {"Content-Type": "application/json"}
_SAID = {"role": "user", "content": "Hello."}


def _check(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["detail"]
    assert set(body["error"]) >= {"code", "message", "request_id", "timestamp"}
    assert body["error"]["request_id"] == answer.headers["X-Request-ID"]
    if code is not None:
        assert body["error"]["code"] == code
    return body


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"role": "user", "content": NaN}',
        b'{"role": "user", "content": "a\x00b"}',
        b'{"role": "user", "content": "\xff\xfe"}',
        b'{"role": "user", "content": "\\ud800"}',
        b"\x00",
        b"[" * 5000,
    ],
    ids=["truncated", "NaN", "raw NUL", "invalid UTF-8", "lone surrogate", "binary", "too deep"],
)
async def test_what_is_not_json_is_a_bad_request(api: httpx.AsyncClient, raw: bytes) -> None:
    answer = await api.post("/v1/messages", content=raw, headers=_JSON)
    _check(answer, 400, "MALFORMED_JSON")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"contents": "x"}, "contents"),
        ({"role": "robot"}, "role"),
        ({"content": "   "}, "content"),
        ({"content": 5}, "content"),
        ({"content": "a\u0000b"}, "content"),
        ({"content": "x" * 100_001}, "content"),
        ({"conversation_id": "a b"}, "conversation_id"),
        ({"conversation_id": "x" * 129}, "conversation_id"),
        ({"importance": 1.5}, "importance"),
        ({"importance_override": -0.1}, "importance_override"),
        ({"user_id": "a/b"}, "user_id"),
        ({"tenant_id": "a,b"}, "tenant_id"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, "metadata"),
        ({"metadata": {f"k{n}": n for n in range(51)}}, "metadata"),
        ({"metadata": {"list": list(range(51))}}, "metadata"),
        ({"metadata": {"nul": "a\u0000"}}, "metadata"),
        ({"metadata": {"k" * 300: 1}}, "metadata"),
        ({"metadata": {"number": 1e188}}, "metadata"),
        ({"metadata": {"nested": [{"number": -(2**60)}]}}, "metadata"),
        ({"conversation_id": "a", "session_id": "b"}, "body"),
        ({"importance": 0.1, "importance_override": 0.2}, "body"),
    ],
)
async def test_a_field_out_of_its_limits_is_named(person: Person, change: dict[str, Any], field: str) -> None:
    body = _check(await person.post("/v1/messages", _SAID | change), 422, "VALIDATION_ERROR")
    named = [fault["field"] for fault in body["error"]["details"]["fields"]]
    assert any(name.startswith(field) for name in named), named
    assert (await person.get("/v1/conversations")).json()["total"] == 0


@pytest.mark.parametrize("missing", ["role", "content"])
async def test_a_missing_field_is_named(person: Person, missing: str) -> None:
    body = {name: value for name, value in _SAID.items() if name != missing}
    faults = _check(await person.post("/v1/messages", body), 422)["error"]["details"]["fields"]
    assert [(fault["field"], fault["type"]) for fault in faults] == [(missing, "missing")]


@pytest.mark.parametrize("body", [[], "text", 5, None])
async def test_a_body_that_is_no_object_is_refused(api: httpx.AsyncClient, body: object) -> None:
    _check(await api.post("/v1/messages", content=json.dumps(body), headers=_JSON), 422)


@pytest.mark.parametrize(
    "change",
    [
        {"content": "é" * 16_385},
        {"memory_type": "wisdom"},
        {"type": "profile"},
        {"trust_tier": "T9"},
        {"ttl_days": 0},
        {"ttl_days": 1e300},
        {"ttl_days": 1, "expires_at": "2030-01-01T00:00:00Z"},
        {"tags": ["x"] * 51},
        {"tags": "x"},
        {"initial_confidence": 2},
        {"extra_metadata": {"a": 1}, "metadata": {"a": 2}},
        {"unknown": 1},
    ],
)
async def test_a_memory_out_of_its_limits_is_refused(person: Person, change: dict[str, Any]) -> None:
    _check(await person.post("/v1/memories", {"content": "x"} | change), 422, "VALIDATION_ERROR")
    assert (await person.get("/v1/memories")).json()["items"] == []


async def test_long_strings_in_metadata_are_cut(person: Person) -> None:
    message = await person.say("Hello.", metadata={"long": "x" * 3000})
    assert len(message["metadata"]["long"]) == 2048


async def test_a_value_that_is_refused_is_not_repeated_in_the_answer(person: Person) -> None:
    answer = await person.post("/v1/messages", _SAID | {"occurred_at": "my-private-words"})
    assert answer.status_code == 422
    assert "my-private-words" not in answer.text


async def test_a_body_over_a_mebibyte_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/messages", json={"role": "user", "content": "x" * 1_100_000})
    _check(answer, 413, "BODY_TOO_LARGE")


async def test_a_body_that_grows_over_the_limit_is_refused_while_it_comes(api: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    answer = await api.post("/v1/messages", content=endless(), headers=_JSON)
    _check(answer, 413, "BODY_TOO_LARGE")


async def test_a_batch_may_be_larger_than_a_single_message(person: Person) -> None:
    messages = [{"role": "user", "content": f"{number} " + "x" * 90_000} for number in range(20)]
    answer = await person.post("/v1/messages/batch", {"messages": messages})
    assert answer.status_code == 201, answer.text[:300]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
async def test_a_body_that_is_not_declared_as_json_is_refused(api: httpx.AsyncClient, content_type: str) -> None:
    answer = await api.post("/v1/messages", content=json.dumps(_SAID), headers={"Content-Type": content_type})
    _check(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(("count", "status"), [(0, 422), (101, 422)])
async def test_a_batch_holds_one_to_a_hundred_items(person: Person, count: int, status: int) -> None:
    _check(await person.post("/v1/messages/batch", {"messages": [_SAID] * count}), status)
    _check(await person.post("/v1/memories/batch", {"memories": [{"content": "x"}] * count}), status)


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ümlaut"])
async def test_an_idempotency_key_out_of_its_limits_is_refused(person: Person, key: str) -> None:
    answer = await person.client.post("/v1/messages", json=_SAID, headers=[(b"Idempotency-Key", key.encode())])
    _check(answer, 422)


@pytest.mark.parametrize("path", ["/v1/messages/%00", "/v1/conversations?tenant_id=%00", "/%00"])
async def test_nul_in_a_path_or_query_is_a_bad_request(api: httpx.AsyncClient, path: str) -> None:
    _check(await api.get(path), 400, "NUL_BYTE")


async def test_a_path_that_does_not_exist_is_not_found(api: httpx.AsyncClient) -> None:
    _check(await api.get("/v1/nothing"), 404, "NOT_FOUND")


async def test_a_method_that_a_path_does_not_have_is_refused(api: httpx.AsyncClient) -> None:
    _check(await api.patch("/v1/conversations"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v3/messages", {}),
        ("/v1/conversations", {"X-API-Version": "v9"}),
        ("/v1/conversations", {"X-API-Version": "3"}),
    ],
)
async def test_a_version_that_nobody_has_is_a_bad_request(
    api: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    body = _check(await api.get(path, headers=headers), 400, "UNSUPPORTED_API_VERSION")
    assert body["error"]["details"]["supported_versions"] == ["v1", "v2"]


@pytest.mark.parametrize("query", ["page=0", "page_size=101", "page=x", "archived=perhaps", "page=9999999999999999"])
async def test_a_query_out_of_its_limits_is_refused(api: httpx.AsyncClient, query: str) -> None:
    _check(await api.get(f"/v1/conversations?{query}"), 422, "VALIDATION_ERROR")


async def test_every_answer_carries_its_request_id_and_the_version(api: httpx.AsyncClient) -> None:
    for path in ("/health", "/v1/conversations", "/nothing"):
        answer = await api.get(path, headers={"X-Request-ID": "my-id.1"})
        assert (answer.headers["X-Request-ID"], answer.headers["X-API-Version"]) == ("my-id.1", "v1")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    made = await api.get("/health", headers={"X-Request-ID": "bad id\t!"})
    assert made.headers["X-Request-ID"] != "bad id\t!"
