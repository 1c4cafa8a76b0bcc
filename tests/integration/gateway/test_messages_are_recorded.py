"""From POST to the log, the ledger and back (features.md, S2-01 to S2-03)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.integration.gateway.person import Person

_HELLO = {"role": "user", "content": "I moved to Porto."}


async def test_a_message_is_recorded_and_can_be_read_back(person: Person) -> None:
    message = await person.say("I moved to Porto.")

    assert (message["content"], message["revision"], message["position"]) == ("I moved to Porto.", 1, 1)
    assert (await person.get(f"/v1/messages/{message['id']}")).json() == message


async def test_every_field_of_a_message_is_kept(person: Person) -> None:
    fields = {
        "conversation_id": "trip",
        "name": "Ines",
        "metadata": {"source": "phone", "nested": {"n": [1, 2.5, None, True]}},
        "importance": 0.9,
        "namespace": "home",
    }
    message = await person.say("See you there.", occurred_at="2024-03-03T16:10:00", **fields)

    kept = (await person.get(f"/v1/messages/{message['id']}")).json()
    importance = fields.pop("importance")
    assert {name: kept[name] for name in fields} == fields
    assert (kept["importance_score"], kept["importance_override"]) == (importance, importance)
    assert kept["occurred_at"] == "2024-03-03T16:10:00Z"


async def test_session_id_is_another_name_of_conversation_id(person: Person) -> None:
    message = await person.say("Hello.", session_id="s-1")
    assert message["conversation_id"] == "s-1"


async def test_personal_data_is_replaced_before_it_reaches_the_log(person: Person) -> None:
    message = await person.say("Write to ines@example.org or call 555-123-4567.")
    assert message["content"] == "Write to [email] or call [phone]."


async def test_a_message_with_a_secret_is_refused(person: Person) -> None:
    answer = await person.post("/v1/messages", {"role": "user", "content": "password: hunter2"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "SENSITIVE_CONTENT")
    assert "hunter2" not in answer.text


async def test_an_update_keeps_what_it_does_not_name(person: Person) -> None:
    message = await person.say("I live in Porto.", metadata={"a": 1}, name="Ines")

    answer = await person.send("PUT", f"/v1/messages/{message['id']}", {"content": "I live in Lisbon."})

    assert answer.status_code == 200
    updated = answer.json()
    assert (updated["content"], updated["revision"], updated["position"]) == ("I live in Lisbon.", 2, 2)
    assert (updated["metadata"], updated["name"]) == ({"a": 1}, "Ines")


async def test_a_deleted_message_is_gone_for_reads_updates_and_deletes(person: Person) -> None:
    message = await person.say("Forget this.")
    path = f"/v1/messages/{message['id']}"

    assert (await person.delete(path)).status_code == 204
    assert (await person.get(path)).status_code == 404
    assert (await person.send("PUT", path, {"content": "x"})).status_code == 404
    assert (await person.delete(path)).status_code == 404


@pytest.mark.parametrize("path", ["/v1/messages/nonsense", "/v1/memories/nonsense", "/v1/memories/x/history"])
async def test_an_id_that_is_no_uuid_is_a_bad_request(person: Person, path: str) -> None:
    assert (await person.get(path)).status_code == 400


async def test_the_same_key_and_body_change_nothing_and_get_the_same_answer(person: Person) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = await person.post("/v1/messages", _HELLO, headers)
    second = await person.post("/v1/messages", _HELLO, headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len((await person.get("/v1/conversations/default/messages")).json()["messages"]) == 1


async def test_the_same_key_with_another_body_is_a_conflict(person: Person) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    await person.post("/v1/messages", _HELLO, headers)
    answer = await person.post("/v1/messages", {**_HELLO, "content": "I moved to Faro."}, headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_the_same_key_from_two_tenants_is_two_writes(person: Person) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    neighbour = Person(person.client, person.user_id, "other")
    first = await person.post("/v1/messages", _HELLO, headers)
    second = await neighbour.post("/v1/messages", {**_HELLO, "content": "Another body."}, headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_positions_grow_by_one_with_each_write_of_a_user(person: Person) -> None:
    positions = [(await person.say(f"Number {n}."))["position"] for n in range(5)]
    assert positions == [1, 2, 3, 4, 5]
