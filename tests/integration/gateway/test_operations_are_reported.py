"""What became of a write that did not wait for it (guarantee 7)."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.gateway.person import Person

_NO_WAIT = {"Prefer": "wait=0"}


async def _state(person: Person, answer: httpx.Response, wanted: str) -> dict[str, object]:
    async def known() -> dict[str, object] | None:
        body: dict[str, object] = (await person.client.get(answer.headers["Location"])).json()
        return body if body["status"] == wanted else None

    return await eventually(known)


async def test_a_write_that_does_not_wait_is_answered_with_its_operation(person: Person) -> None:
    answer = await person.post("/v1/messages", {"role": "user", "content": "Hello."}, _NO_WAIT)

    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=0"
    assert answer.json()["operation_url"] == answer.headers["Location"]
    operation = await _state(person, answer, "applied")
    assert (operation["type"], operation["position"]) == ("message.record", 1)
    assert operation["decision"]
    links = operation["links"]
    assert isinstance(links, dict)
    message = await person.get(links["message"])
    assert message.json()["content"] == "Hello."


async def test_a_refused_operation_says_why(person: Person) -> None:
    answer = await person.delete(f"/v1/messages/{uuid4()}", headers=_NO_WAIT)
    operation = await _state(person, answer, "refused")
    assert operation["outcome"] == {"status": 404, "code": "NOT_FOUND", "detail": "There is no message with this id."}


async def test_an_operation_of_somebody_else_is_not_found(person: Person) -> None:
    answer = await person.post("/v1/messages", {"role": "user", "content": "Hello."}, _NO_WAIT)
    other = person.somebody_else()
    assert (await other.get(f"/v1/operations/{answer.json()['operation_id']}")).status_code == 404


@pytest.mark.parametrize("made_up", ["x", "0" * 32, "1" * 48])
async def test_an_operation_that_was_never_issued_is_not_found(person: Person, made_up: str) -> None:
    assert (await person.get(f"/v1/operations/{made_up}")).status_code == 404


async def test_items_of_a_batch_that_does_not_wait_are_pending(person: Person) -> None:
    body = {"messages": [{"role": "user", "content": f"{number}"} for number in range(3)]}
    answer = await person.post("/v1/messages/batch", body, _NO_WAIT)

    assert answer.status_code == 207
    pending = answer.json()["pending"]
    assert [item["message_index"] for item in pending] == [0, 1, 2]

    async def all_applied() -> bool:
        states = [(await person.client.get(item["operation_url"])).json()["status"] for item in pending]
        return states == ["applied"] * 3

    await eventually(all_applied)
