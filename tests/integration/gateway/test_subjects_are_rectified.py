"""What is kept of a user and is not so is said right, record by record, with a receipt (S1-37)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.integration.gateway.person import Person

_WRONG, _RIGHT = "Ann lives in Bremen.", "Ann lives in Bergen."


async def _rectified(person: Person, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await person.post("/v1/dsr/rectify", body, headers)
    assert answer.status_code == 202, answer.text
    request: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/dsr/{request['id']}"
    return request


async def test_memories_and_messages_say_what_is_true_and_the_receipt_names_them(person: Person) -> None:
    memory, message = await person.remember(_WRONG), await person.say(_WRONG)
    request = await _rectified(
        person,
        {
            "memories": [{"memory_id": memory["memory_id"], "new_content": _RIGHT}],
            "messages": [{"message_id": message["id"], "new_content": _RIGHT}],
            "reason": "asked",
        },
    )
    assert (request["kind"], request["status"]) == ("rectify", "done")
    first, second = request["receipt"]["records"]
    assert (first["record"], first["status"], first["id"]) == ("memory", "rectified", str(UUID(memory["memory_id"])))
    assert (second["record"], second["status"], second["revision"]) == ("message", "rectified", 2)
    assert (await person.get(f"/v1/memories/{first['memory_id']}")).json()["content"] == _RIGHT
    assert (await person.get(f"/v1/messages/{message['id']}")).json()["content"] == _RIGHT
    assert (await person.get(f"/v1/dsr/{request['id']}")).json() == request
    assert _WRONG not in str(request)
    assert _RIGHT not in str(request)


async def test_what_cannot_be_rectified_is_told_and_stops_nothing_else(person: Person) -> None:
    memory = await person.remember(_WRONG)
    request = await _rectified(
        person,
        {
            "memories": [
                {"memory_id": str(uuid4()), "new_content": _RIGHT},
                {"memory_id": memory["memory_id"], "new_content": "password: hunter2-and-more"},
                {"memory_id": memory["memory_id"], "new_content": _RIGHT},
            ]
        },
    )
    told = [(record["status"], record.get("code")) for record in request["receipt"]["records"]]
    assert told == [("refused", "NOT_FOUND"), ("refused", "SENSITIVE_CONTENT"), ("rectified", None)]
    assert (request["receipt"]["rectified"], request["receipt"]["refused"]) == (1, 2)


async def test_a_repeated_request_is_the_same_request(person: Person) -> None:
    memory = await person.remember(_WRONG)
    body: dict[str, Any] = {"memories": [{"memory_id": memory["memory_id"], "new_content": _RIGHT}]}
    headers = {"Idempotency-Key": uuid4().hex}
    first = await _rectified(person, body, **headers)
    assert await _rectified(person, body, **headers) == first
    assert len((await person.get(f"/v1/memories/{memory['memory_id']}/history")).json()["versions"]) == 2
    body["memories"][0]["new_content"] = "Ann lives in Basel."
    assert (await person.post("/v1/dsr/rectify", body, headers)).status_code == 409


async def test_a_rectification_that_names_nothing_or_too_much_is_refused(person: Person) -> None:
    record = {"memory_id": str(uuid4()), "new_content": _RIGHT}
    for body in ({}, {"memories": [record] * 60, "messages": [{"message_id": str(uuid4()), "new_content": "x"}] * 41}):
        answer = await person.post("/v1/dsr/rectify", body)
        assert answer.status_code == 422
        assert "1 to 100" in answer.text
