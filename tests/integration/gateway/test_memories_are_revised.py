"""New versions, corrections, teaching and forgetting (features.md, S1-15 to S1-18, S4-16 to S4-18, C2, C3)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.gateway.person import Person


async def _contents(person: Person, memory_id: str) -> list[str]:
    history = (await person.get(f"/v1/memories/{memory_id}/history")).json()
    return [version["content"] for version in history["versions"]]


async def test_a_version_is_appended_by_any_id_of_the_chain(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.", tags=["home"], session_id="s1", importance=0.9)
    second = await person.post(f"/v1/memories/{first['memory_id']}/versions", {"content": "Ada lives in Lisbon."})
    third = await person.post(
        f"/v1/memories/{first['memory_id']}/versions", {"content": "Ada lives in Bergen.", "reason": "she moved"}
    )

    assert (second.status_code, third.status_code) == (201, 201)
    assert (third.json()["version"], third.json()["root_id"]) == (3, first["root_id"])
    assert third.headers["ETag"] == '"3"'
    kept = ("tags", "session_id", "importance", "trust_tier", "initial_confidence")
    assert {name: third.json()[name] for name in kept} == {name: first[name] for name in kept}
    texts = ["Ada lives in Porto.", "Ada lives in Lisbon.", "Ada lives in Bergen."]
    for memory in (first, second.json(), third.json()):
        assert await _contents(person, memory["memory_id"]) == texts
    listed = (await person.get("/v1/memories")).json()["items"]
    assert [(memory["content"], memory["reason"]) for memory in listed] == [("Ada lives in Bergen.", "she moved")]


async def test_fields_are_changed_and_times_taken_away(person: Person) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    first = await person.remember("Ada skis.", expires_at=soon, valid_from="2024-01-01", valid_to="2025-01-01")
    path = f"/v1/memories/{first['memory_id']}/versions"
    changed = (await person.post(path, {"expires_at": None, "valid_to": None, "pinned": True, "type": "goal"})).json()

    assert (changed["expires_at"], changed["valid_to"]) == (None, None)
    assert changed["valid_from"] == "2024-01-01T00:00:00Z"
    assert (changed["pinned"], changed["type"], changed["content"]) == (True, "goal", "Ada skis.")


async def test_a_version_that_says_nothing_new_is_not_written(person: Person) -> None:
    first = await person.remember("Ada skis.")
    again = await person.post(f"/v1/memories/{first['memory_id']}/versions", {"content": "Ada skis."})
    assert (again.status_code, again.json()["action"], again.json()["version"]) == (200, "unchanged", 1)


@pytest.mark.parametrize("body", [{}, {"reason": "none"}, {"content": " "}, {"importance": 2}, {"unknown": 1},
                                  {"valid_from": "2025-01-02", "valid_to": "2025-01-01"},
                                  {"memory_type": "goal", "type": "fact"}])  # fmt: skip
async def test_a_version_with_bad_fields_changes_nothing(person: Person, body: dict[str, object]) -> None:
    first = await person.remember("Ada skis.")
    answer = await person.post(f"/v1/memories/{first['memory_id']}/versions", body)
    assert answer.status_code == 422, answer.text
    assert await _contents(person, first["memory_id"]) == ["Ada skis."]


async def test_an_end_before_a_kept_beginning_is_refused(person: Person) -> None:
    first = await person.remember("Ada skis.", valid_from="2025-01-01")
    answer = await person.post(f"/v1/memories/{first['memory_id']}/versions", {"valid_to": "2024-01-01"})
    assert (answer.status_code, await _contents(person, first["memory_id"])) == (422, ["Ada skis."])


async def test_what_does_not_exist_cannot_be_revised(person: Person) -> None:
    gone = await person.remember("Ada skis.")
    await person.delete(f"/v1/memories/{gone['memory_id']}")
    for memory_id in (gone["memory_id"], uuid4().hex):
        assert (await person.post(f"/v1/memories/{memory_id}/versions", {"content": "x"})).status_code == 404
        assert (await person.send("PUT", f"/v1/memories/{memory_id}/correct", {"new_content": "x"})).status_code == 404
    assert (await person.post("/v1/memories/nonsense/versions", {"content": "x"})).status_code == 400


@pytest.mark.parametrize("way", ["put", "post", "query"])
async def test_three_ways_of_correction_do_the_same(person: Person, way: str) -> None:
    first = await person.remember("Ada lives in Porto.", type="trait", session_id="s1", initial_confidence=0.6)
    await person.remember("Bob plays chess.")
    says = {"new_content": "Ada lives in Lisbon.", "reason": "typo"}
    if way == "put":
        answer = await person.send("PUT", f"/v1/memories/{first['memory_id']}/correct", says)
    elif way == "post":
        answer = await person.post("/v1/correct", {"memory_id": first["memory_id"], **says})
    else:
        answer = await person.post("/v1/memories/correct", {"query": "where does Ada live", **says})

    assert answer.status_code == 200, answer.text
    corrected = answer.json()
    assert (corrected["content"], corrected["op"], corrected["reason"]) == ("Ada lives in Lisbon.", "correct", "typo")
    assert (corrected["trust_tier"], corrected["initial_confidence"], corrected["session_id"]) == ("T2", 0.6, "s1")
    assert corrected["source_message_ids"] == [f"correct:{first['memory_id']}"]
    assert corrected["replaced_id"] == first["memory_id"]
    assert corrected["matched_memory_id"] == (first["memory_id"] if way == "query" else None)
    old = (await person.get(f"/v1/memories/{first['memory_id']}")).json()
    assert (old["is_active"], old["superseded_by"], old["content"]) == (False, corrected["memory_id"], first["content"])


async def test_words_that_stand_for_nothing_correct_nothing(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.")
    for path, body in (("/v1/memories/correct", {"new_content": "x"}), ("/v1/correct", {"new_content": "x"}),
                       ("/v1/forget", {})):  # fmt: skip
        answer = await person.post(path, {"query": "quarterly revenue of the shipyard", **body})
        assert answer.status_code == 404, answer.text
    assert await _contents(person, first["memory_id"]) == ["Ada lives in Porto."]


async def test_a_retry_of_a_correction_by_query_is_the_same_correction(person: Person) -> None:
    await person.remember("Ada lives in Porto.")
    body = {"query": "where does Ada live", "new_content": "Ada has moved to Lisbon."}
    headers = {"Idempotency-Key": uuid4().hex}
    answers = [await person.post("/v1/memories/correct", body, headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await person.get("/v1/memories")).json()["items"]) == 1


async def test_a_secret_in_a_correction_is_refused(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.")
    secret = {"new_content": "password = hunter2hunter2"}
    answer = await person.send("PUT", f"/v1/memories/{first['memory_id']}/correct", secret)
    assert (answer.status_code, await _contents(person, first["memory_id"])) == (403, ["Ada lives in Porto."])


async def test_a_corrected_text_is_known_by_its_new_words(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.")
    await person.post("/v1/correct", {"memory_id": first["memory_id"], "new_content": "Ada lives in Lisbon."})

    same = await person.post("/v1/memories", {"content": "Ada lives in Lisbon."})
    old = await person.post("/v1/memories", {"content": "Ada lives in Porto."})
    assert (same.json()["root_id"], old.json()["root_id"] == first["root_id"]) == (first["root_id"], False)


async def test_two_memories_may_be_corrected_to_say_the_same(person: Person) -> None:
    await person.remember("Ada lives in Lisbon.")
    first = await person.remember("Ada lives in Porto.")
    answer = await person.post("/v1/correct", {"memory_id": first["memory_id"], "new_content": "Ada lives in Lisbon."})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert len((await person.get("/v1/memories")).json()["items"]) == 2


async def test_what_is_taught_says_so_in_its_history(person: Person) -> None:
    answer = await person.post("/v1/teach", {"content": "Never call before nine.", "label": "rule", "pinned": True})
    taught = answer.json()
    assert answer.status_code == 201, answer.text
    assert (taught["op"], taught["source"], taught["type"], taught["tags"]) == ("teach", "teach", "rule", ["rule"])
    assert (taught["memory_type"], taught["pinned"]) == ("procedural", True)
    other = (await person.post("/v1/teach", {"content": "Tea at five.", "label": "habit"})).json()
    assert (other["type"], other["tags"]) == ("fact", ["habit"])
    assert (await person.post("/v1/teach", {"content": ""})).status_code == 422


async def test_memories_are_forgotten_by_id_by_ids_and_in_words(person: Person) -> None:
    one, two, three, four = [await person.remember(text) for text in ("Ada skis.", "Bob sings.", "Eve swims.", "Kim.")]
    by_id = (await person.post("/v1/forget", {"memory_id": one["memory_id"], "reason": "asked"})).json()
    by_ids = await person.post("/v1/forget", {"memory_ids": [two["memory_id"], uuid4().hex]})
    by_query = (await person.post("/v1/forget", {"query": "Who swims? Eve swims."})).json()

    assert [gone["root_id"] for gone in by_id["forgotten"]] == [one["root_id"]]
    assert (by_ids.status_code, [error["message_index"] for error in by_ids.json()["errors"]]) == (207, [1])
    assert by_query["matched_memory_id"] == three["memory_id"]
    listed = (await person.get("/v1/memories")).json()["items"]
    assert [memory["memory_id"] for memory in listed] == [four["memory_id"]]
    history = (await person.get(f"/v1/memories/{one['memory_id']}/history")).json()["versions"]
    assert (history[-1]["tombstone"], history[-1]["reason"], history[-1]["op"]) == (True, "asked", "forget")
    assert (await person.post("/v1/forget", {"memory_id": one["memory_id"]})).status_code == 404
    assert (await person.post("/v1/forget", {})).status_code == 422


async def test_a_write_for_another_version_is_refused(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.", key="home")
    read = await person.get(f"/v1/memories/{first['memory_id']}")
    stale = {"If-Match": read.headers["ETag"]}
    path = f"/v1/memories/{first['memory_id']}"
    assert (await person.post(f"{path}/versions", {"content": "Lisbon."}, stale)).status_code == 201

    answers = [
        await person.post(f"{path}/versions", {"content": "Bergen."}, stale),
        await person.send("PUT", f"{path}/correct", {"new_content": "Bergen."}, stale),
        await person.post("/v1/correct", {"memory_id": first["memory_id"], "new_content": "Bergen."}, stale),
        await person.post("/v1/forget", {"memory_id": first["memory_id"]}, stale),
        await person.post("/v1/memories", {"content": "Bergen.", "key": "home"}, stale),
        await person.post("/v1/teach", {"content": "Bergen.", "key": "home"}, stale),
        await person.delete(path, stale),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (409, "VERSION_CONFLICT")
    ] * len(answers)
    assert await _contents(person, first["memory_id"]) == ["Ada lives in Porto.", "Lisbon."]
    assert (await person.delete(path, {"If-Match": '"2"'})).status_code == 204


@pytest.mark.parametrize("tag", ["3", 'W/"3"', '"0"', '"a"', '"1", "2"', '"99999999999"'])
async def test_a_precondition_that_names_no_version_is_refused(person: Person, tag: str) -> None:
    first = await person.remember("Ada skis.")
    answer = await person.delete(f"/v1/memories/{first['memory_id']}", {"If-Match": tag})
    assert (answer.status_code, answer.json()["error"]["details"]["fields"][0]["field"]) == (422, "If-Match")


async def test_of_concurrent_writers_who_read_the_same_version_one_wins(person: Person) -> None:
    first = await person.remember("0")
    path, read = f"/v1/memories/{first['memory_id']}/versions", {"If-Match": '"1"'}
    answers = await asyncio.gather(*(person.post(path, {"content": f"writer {n}"}, read) for n in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert len(await _contents(person, first["memory_id"])) == 2


async def test_without_a_precondition_every_concurrent_version_is_kept(person: Person) -> None:
    first = await person.remember("0")
    path = f"/v1/memories/{first['memory_id']}/versions"
    answers = await asyncio.gather(*(person.post(path, {"content": f"writer {n}"}) for n in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 14))


async def test_a_retry_with_the_same_key_for_another_version_is_another_request(person: Person) -> None:
    first = await person.remember("Ada skis.")
    path, key = f"/v1/memories/{first['memory_id']}/versions", {"Idempotency-Key": uuid4().hex}
    assert (await person.post(path, {"content": "x"}, key | {"If-Match": '"1"'})).status_code == 201
    again = await person.post(path, {"content": "x"}, key | {"If-Match": '"1"'})
    other = await person.post(path, {"content": "x"}, key | {"If-Match": '"2"'})
    assert (again.status_code, again.json()["version"]) == (201, 2)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
