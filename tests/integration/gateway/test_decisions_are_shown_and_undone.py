"""The decision behind a version, and going back on it, over HTTP."""

from __future__ import annotations

from uuid import uuid4

from tests.integration.gateway.person import Person


async def test_every_version_shows_the_decision_behind_it(person: Person) -> None:
    first = await person.remember("The shed is green.", key="shed")
    second = await person.remember("The shed is blue.", key="shed")
    decisions = [(await person.get(f"/v1/memories/{one['memory_id']}/decision")).json() for one in (first, second)]
    assert [(one["action"], one["version"], one["target"]) for one in decisions] == [
        ("create", 1, None),
        ("update", 2, first["memory_id"]),
    ]
    assert [one["operation_id"] for one in decisions] == [first["operation_id"], second["operation_id"]]
    assert all((one["type"], one["basis"]) == ("memory.store", "identity") for one in decisions)


async def test_the_decision_on_an_observed_message_is_about_its_memory(person: Person) -> None:
    """It made two choices: to record the message, and to keep it as a memory."""
    observed = await person.post("/v1/observe", {"messages": [{"role": "user", "content": "I am a beekeeper."}]})
    memory = observed.json()["memories"][0]
    decision = (await person.get(f"/v1/memories/{memory['memory_id']}/decision")).json()
    assert (decision["action"], decision["basis"]) == ("create", "identity")


async def test_an_update_is_undone_and_the_undo_is_explained(person: Person) -> None:
    first = await person.remember("The shed is green.", key="shed")
    second = await person.remember("The shed is blue.", key="shed")
    answer = await person.post(f"/v1/memories/{first['memory_id']}/undo", {"reason": "wrong shed"})
    undone = answer.json()
    assert (answer.status_code, undone["content"], undone["action"]) == (200, "The shed is green.", "restored")
    assert (undone["version"], undone["reason"], undone["op"]) == (3, "wrong shed", "undo")
    why = (await person.get(f"/v1/memories/{undone['memory_id']}/decision")).json()
    assert (why["target"], why["restored"], why["rule"]) == (second["memory_id"], first["memory_id"], "undo")
    assert (await person.get(f"/v1/memories/{undone['memory_id']}")).json()["is_active"]


async def test_a_forgotten_memory_is_known_again(person: Person) -> None:
    memory = await person.remember("Has a cat.")
    await person.delete(f"/v1/memories/{memory['memory_id']}")
    assert (await person.get(f"/v1/memories/{memory['memory_id']}")).status_code == 404
    answer = await person.post(f"/v1/memories/{memory['memory_id']}/undo", {})
    assert (answer.status_code, answer.json()["content"]) == (200, "Has a cat.")
    assert (await person.get(f"/v1/memories/{memory['memory_id']}")).status_code == 200
    found = await person.post("/v1/memories/search", {"query": "cat"})
    assert [one["content"] for one in found.json()] == ["Has a cat."]


async def test_an_operation_is_undone_with_all_that_it_wrote(person: Person) -> None:
    memory = await person.remember("Has a cat.")
    answer = await person.post(f"/v1/operations/{memory['operation_id']}/undo", {})
    assert (answer.status_code, [one["tombstone"] for one in answer.json()["memories"]]) == (200, [True])
    assert (await person.get("/v1/memories")).json()["items"] == []
    again = await person.post(f"/v1/operations/{memory['operation_id']}/undo", {})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CHANGED_SINCE")


async def test_impossible_undoing_is_refused_with_a_reason(person: Person) -> None:
    memory = await person.remember("Has a cat.")
    message = await person.post("/v1/messages", {"role": "user", "content": "hello"}, {"Prefer": "wait=0"})
    statuses = [
        (await person.post(f"/v1/memories/{uuid4()}/undo", {})).status_code,
        (await person.post("/v1/memories/nonsense/undo", {})).status_code,
        (await person.post(f"/v1/memories/{memory['memory_id']}/undo", {"version": 2})).status_code,
        (await person.post(f"/v1/memories/{memory['memory_id']}/undo", {"version": 0})).status_code,
        (await person.post(f"/v1/operations/{message.json()['operation_id']}/undo", {})).status_code,
        (await person.post("/v1/operations/op_made_up/undo", {})).status_code,
        (await person.get(f"/v1/memories/{uuid4()}/decision")).status_code,
    ]
    assert statuses == [404, 400, 409, 422, 409, 404, 404]
    assert (await person.get(f"/v1/memories/{memory['memory_id']}")).json()["version"] == 1


async def test_a_retried_undo_undoes_once(person: Person) -> None:
    """With the same key it is the same undo, not an undo of the undo."""
    memory = await person.remember("Has a cat.")
    path, headers = f"/v1/memories/{memory['memory_id']}/undo", {"Idempotency-Key": uuid4().hex}
    answers = [await person.post(path, {}, headers) for _ in range(2)]
    assert [(one.status_code, one.json()["version"]) for one in answers] == [(200, 2), (200, 2)]
