"""Batches: items succeed and fail one by one (features.md, S2-04 to S2-06, S4-06, C4)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.integration.gateway.person import Person


def _said(*contents: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": content} for content in contents]}


async def test_a_batch_is_recorded_in_its_order(person: Person) -> None:
    wanted = [f"line {number}" for number in range(100)]
    answer = await person.post("/v1/messages/batch", _said(*wanted))

    assert answer.status_code == 201, answer.text
    created = answer.json()["created"]
    assert [message["content"] for message in created] == wanted
    assert [message["position"] for message in created] == list(range(1, 101))
    assert answer.json()["position"] == 100


async def test_an_item_with_a_secret_fails_alone(person: Person) -> None:
    answer = await person.post("/v1/messages/batch", _said("fine", "password: hunter2", "fine too"))

    assert answer.status_code == 207
    body = answer.json()
    assert [message["content"] for message in body["created"]] == ["fine", "fine too"]
    assert [(error["message_index"], error["status"]) for error in body["errors"]] == [(1, 403)]


async def test_a_batch_with_a_malformed_item_writes_nothing(person: Person) -> None:
    body = _said("fine")
    body["messages"] = [*_messages(body), {"role": "robot", "content": "x"}]
    answer = await person.post("/v1/messages/batch", body)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == "messages.1.role"
    assert (await person.get("/v1/conversations")).json()["total"] == 0


async def test_a_batch_sent_again_with_its_key_changes_nothing(person: Person) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = await person.post("/v1/messages/batch", _said("a", "b"), headers)
    second = await person.post("/v1/messages/batch", _said("a", "b"), headers)
    changed = await person.post("/v1/messages/batch", _said("a", "c"), headers)

    assert first.json() == second.json()
    assert changed.status_code == 207
    assert [(error["message_index"], error["status"]) for error in changed.json()["errors"]] == [(1, 409)]


async def test_a_batch_may_hold_messages_of_several_users(person: Person) -> None:
    other = person.somebody_else()
    body = _said("mine", "yours")
    _messages(body)[1]["user_id"] = other.user_id
    answer = await person.post("/v1/messages/batch", body)

    assert [message["user_id"] for message in answer.json()["created"]] == [person.user_id, other.user_id]


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_batch_of_updates_reports_each_that_failed(person: Person, method: str) -> None:
    message, nobody = await person.say("before"), str(uuid4())
    updates = [
        {"message_id": message["id"], "update": {"content": "after"}},
        {"message_id": nobody, "update": {"archived": True}},
    ]
    answer = await person.send(method, "/v1/messages/batch/update", {"updates": updates})

    assert answer.status_code == 207
    body = answer.json()
    assert [updated["content"] for updated in body["updated"]] == ["after"]
    assert [(error["message_id"], error["status"]) for error in body["errors"]] == [(nobody, 404)]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/messages/batch"), ("POST", "/v1/messages/batch/delete")])
async def test_a_batch_of_deletions_reports_each_that_failed(person: Person, method: str, path: str) -> None:
    message, nobody = await person.say("to go"), str(uuid4())
    answer = await person.send(method, path, {"message_ids": [message["id"], nobody]})

    assert answer.status_code == 207
    assert answer.json()["deleted"] == [message["id"]]
    assert [error["message_id"] for error in answer.json()["errors"]] == [nobody]
    assert (await person.get(f"/v1/messages/{message['id']}")).status_code == 404


async def test_a_batch_of_memories_answers_with_all_of_them(person: Person) -> None:
    wanted = [f"fact {number}" for number in range(5)]
    answer = await person.post("/v1/memories/batch", {"memories": [{"content": content} for content in wanted]})

    assert answer.status_code == 201, answer.text
    assert [memory["content"] for memory in answer.json()] == wanted


async def test_the_same_fact_a_hundred_times_in_a_batch_is_one_memory(person: Person) -> None:
    answer = await person.post("/v1/memories/batch", {"memories": [{"content": "Tea is best."}] * 100})

    assert answer.status_code == 201, answer.text
    assert len({memory["root_id"] for memory in answer.json()}) == 1
    assert len((await person.get("/v1/memories")).json()["items"]) == 1


async def test_a_memory_with_a_secret_fails_alone(person: Person) -> None:
    memories = [{"content": "Tea is best."}, {"content": "Bearer abcdefghijklmnopqrstuvwx"}]
    answer = await person.post("/v1/memories/batch", {"memories": memories})

    assert answer.status_code == 207
    body = answer.json()
    assert (len(body["created"]), body["errors"][0]["message_index"]) == (1, 1)


def _messages(body: dict[str, object]) -> list[dict[str, str]]:
    messages = body["messages"]
    assert isinstance(messages, list)
    return messages
