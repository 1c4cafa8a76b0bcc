"""API keys and the master key (features.md, S4-51, S4-52, C7)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.gateway.credentials import MASTER_KEY, Keys, bearer

_SAID = {"role": "user", "content": "Hello."}


@pytest.fixture
def keys(locked: httpx.AsyncClient) -> Keys:
    """The master key at work."""
    return Keys(locked)


async def test_a_key_is_shown_once_and_opens_its_users_memory(locked: httpx.AsyncClient, keys: Keys) -> None:
    made = await keys.make("ann")
    raw = made["raw_key"]
    assert (raw[:3], len(raw), made["key_prefix"]) == ("sk-", 35, raw[:12])

    answer = await locked.post("/v1/messages", json=_SAID, headers=bearer(raw))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["tenant_id"], answer.json()["user_id"]) == ("acme", "ann")
    shown = await locked.get(f"/auth/keys/{made['key_id']}", headers=bearer(raw))
    assert raw not in shown.text
    assert hashlib.sha256(raw.encode()).hexdigest() not in shown.text


async def test_a_key_may_come_in_either_header(locked: httpx.AsyncClient, keys: Keys) -> None:
    raw = (await keys.make("ann"))["raw_key"]
    for headers in (bearer(raw), {"Authorization": f"bearer  {raw}"}, {"X-API-Key": raw}):
        assert (await locked.get("/v1/conversations", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sk-0123456789abcdef0123456789abcdef"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": f"Bearer {MASTER_KEY}x"},
        {"Authorization": f"Bearer {MASTER_KEY[:-1]}"},
        {"X-API-Key": "mm_nonsense"},
    ],
)
async def test_without_a_valid_credential_nothing_is_answered(
    locked: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await locked.get("/v1/conversations", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("name", [{"tenant_id": "other"}, {"user_id": "bob"}, {"tenant_id": "other", "user_id": "ann"}])
async def test_a_key_does_not_speak_for_others(locked: httpx.AsyncClient, keys: Keys, name: dict[str, str]) -> None:
    headers = bearer((await keys.make("ann"))["raw_key"])
    assert (await locked.post("/v1/messages", json=_SAID | name, headers=headers)).status_code == 403
    assert (await locked.get("/v1/memories", params=name, headers=headers)).status_code == 403
    batch = {"messages": [_SAID, _SAID | name]}
    assert (await locked.post("/v1/messages/batch", json=batch, headers=headers)).status_code == 403


async def test_the_master_speaks_for_everybody_who_exists(locked: httpx.AsyncClient, keys: Keys) -> None:
    await keys.make("ann")
    headers = bearer(MASTER_KEY)
    answer = await locked.post("/v1/messages", json=_SAID | {"tenant_id": "acme", "user_id": "ann"}, headers=headers)
    assert answer.status_code == 201
    unknown = await locked.post("/v1/messages", json=_SAID | {"tenant_id": "nobody"}, headers=headers)
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "Tenant not found")


async def test_only_the_master_makes_keys(locked: httpx.AsyncClient, keys: Keys) -> None:
    headers = bearer((await keys.make("ann"))["raw_key"])
    answer = await locked.post("/auth/keys", json={"user_id": "ann", "name": "more"}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (403, "Master key required")


async def test_a_rotated_key_is_revoked_at_once(locked: httpx.AsyncClient, keys: Keys) -> None:
    made = await keys.make("ann", expires_at="2099-01-01T00:00:00Z")
    old = bearer(made["raw_key"])
    assert (await locked.get("/v1/conversations", headers=old)).status_code == 200

    rotated = await locked.put(f"/auth/keys/{made['key_id']}/rotate", headers=old)

    assert rotated.status_code == 201
    assert (rotated.json()["name"], rotated.json()["expires_at"]) == ("test", "2099-01-01T00:00:00Z")
    assert (await locked.get("/v1/conversations", headers=bearer(rotated.json()["raw_key"]))).status_code == 200
    await eventually(lambda: _is_refused(locked, old))


async def test_a_deleted_key_opens_nothing_any_more(locked: httpx.AsyncClient, keys: Keys) -> None:
    made = await keys.make("ann")
    headers = bearer(made["raw_key"])
    assert (await locked.get("/v1/conversations", headers=headers)).status_code == 200
    assert (await locked.delete(f"/auth/keys/{made['key_id']}", headers=headers)).status_code == 204
    await eventually(lambda: _is_refused(locked, headers))
    gone = await locked.get(f"/auth/keys/{made['key_id']}", headers=bearer(MASTER_KEY))
    assert gone.status_code == 404


async def test_a_key_whose_time_is_over_opens_nothing(locked: httpx.AsyncClient, keys: Keys) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1.5)).isoformat()
    headers = bearer((await keys.make("ann", expires_at=soon))["raw_key"])
    await eventually(lambda: _is_refused(locked, headers))


async def test_a_key_of_somebody_else_is_not_found(locked: httpx.AsyncClient, keys: Keys) -> None:
    hers, his = await keys.make("ann"), await keys.make("bob")
    headers = bearer(his["raw_key"])
    path = f"/auth/keys/{hers['key_id']}"
    assert (await locked.get(path, headers=headers)).status_code == 404
    assert (await locked.put(f"{path}/rotate", headers=headers)).status_code == 404
    assert (await locked.delete(path, headers=headers)).status_code == 404


async def test_keys_are_listed_for_their_owner_alone(locked: httpx.AsyncClient, keys: Keys) -> None:
    user = f"user-{uuid4().hex[:8]}"
    made = await keys.make(user)
    await keys.make(user, tenant_id="other")
    own = (await locked.get("/auth/keys", headers=bearer(made["raw_key"]))).json()["keys"]
    assert [key["key_id"] for key in own] == [made["key_id"]]
    every = (await locked.get("/auth/keys", params={"user_id": user}, headers=bearer(MASTER_KEY))).json()["keys"]
    assert {key["tenant_id"] for key in every} == {"acme", "other"}


async def test_a_key_that_has_expired_already_is_not_made(locked: httpx.AsyncClient) -> None:
    body = {"user_id": "ann", "name": "late", "expires_at": "2020-01-01T00:00:00Z"}
    answer = await locked.post("/auth/keys", json=body, headers=bearer(MASTER_KEY))
    assert answer.status_code == 422


async def _is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    return (await client.get("/v1/conversations", headers=headers)).status_code == 401
