"""What was known then: every read can be asked about a position or a time of the past (guarantee 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.gateway.person import Person

_LISTS = ("/v1/memories", "/v1/conversations", "/v1/conversations/default/messages")


async def _seen(person: Person, paths: tuple[str, ...], **parameters: Any) -> dict[str, Any]:
    """What each path answers; whether a message is embedded yet and statistics are matters of the present."""
    seen: dict[str, Any] = {}
    for path in paths:
        answer = await person.get(path, **parameters)
        body = answer.json()
        for message in body.get("messages", []):
            message.pop("embedding_status")
        for memory in (*body.get("items", []), *body.get("versions", [])):
            memory.pop("access_count")
        body.pop("embedding_status", None)
        seen[path] = body if answer.status_code == 200 else answer.status_code
    return seen


async def test_every_state_that_was_read_can_be_read_again(person: Person) -> None:
    """After each write everything is read; at the end the same is read again by position."""
    message = await person.say("I live in Porto.")
    memory = await person.remember("Ada lives in Porto.", key="home")
    said, known = f"/v1/messages/{message['id']}", f"/v1/memories/{memory['memory_id']}"
    paths = (*_LISTS, said, f"{known}/history")
    states: dict[int, dict[str, Any]] = {}

    async def note(position: int) -> None:
        states[position] = await _seen(person, paths)

    await note(memory["position"])
    changed = (await person.send("PUT", said, {"content": "I live in Lisbon."})).json()
    await note(changed["position"])
    second = (await person.post(f"{known}/versions", {"content": "Ada lives in Lisbon.", "pinned": True})).json()
    await note(second["position"])
    other = await person.remember("Ada skis.", namespace="n")
    await note(other["position"])
    corrected = (await person.post("/v1/correct", {"memory_id": memory["memory_id"], "new_content": "Bergen."})).json()
    await note(corrected["position"])
    await person.delete(known)
    await note(corrected["position"] + 1)
    await person.delete(said)
    last = await person.remember("The end.")
    await note(last["position"])

    for position, state in states.items():
        assert await _seen(person, paths, as_of=position) == state, position
    by_time = await _seen(person, paths, as_of=second["created_at"])
    assert by_time == states[second["position"]]


async def test_any_id_of_a_chain_gives_the_version_of_that_time(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.")
    path = f"/v1/memories/{first['memory_id']}"
    second = (await person.post(f"{path}/versions", {"content": "Ada lives in Lisbon."})).json()
    await person.delete(path)

    for memory_id in (first["memory_id"], second["memory_id"]):
        for known, text in ((first, "Ada lives in Porto."), (second, "Ada lives in Lisbon.")):
            answer = await person.get(f"/v1/memories/{memory_id}", as_of=known["position"])
            then = answer.json()
            assert (then["content"], then["is_active"], then["status"]) == (text, True, "active")
            assert (then["superseded_by"], answer.headers["Mneme-Position"]) == (None, str(known["position"]))
        before, after = first["position"] - 1, second["position"] + 1
        assert (await person.get(f"/v1/memories/{memory_id}", as_of=before)).status_code == 404
        assert (await person.get(f"/v1/memories/{memory_id}", as_of=after)).status_code == 404


async def test_a_past_page_is_turned_with_its_cursor(person: Person) -> None:
    made = [await person.remember(f"fact {number}") for number in range(5)]
    for memory in made[:3]:
        await person.delete(f"/v1/memories/{memory['memory_id']}")
    then = {"as_of": made[-1]["position"], "limit": 2}
    seen: list[str] = []
    page = (await person.get("/v1/memories", **then)).json()
    while True:
        seen += [memory["content"] for memory in page["items"]]
        if page["next_cursor"] is None:
            break
        page = (await person.get("/v1/memories", cursor=page["next_cursor"], **then)).json()
    assert seen == [f"fact {number}" for number in reversed(range(5))]


async def test_what_has_expired_since_was_active_then(person: Person) -> None:
    begun = datetime.now(UTC)
    memory = await person.remember("For a moment.", expires_at=(begun + timedelta(milliseconds=1)).isoformat())
    path = f"/v1/memories/{memory['memory_id']}"
    assert (await person.get(path)).json()["is_active"] is False
    then = (await person.get("/v1/memories", as_of=memory["position"])).json()["items"]
    assert [item["is_active"] for item in then] == ([True] if memory["created_at"] < memory["expires_at"] else [])


@pytest.mark.parametrize("path", [*_LISTS, "/v1/memories/{id}", "/v1/memories/{id}/history"])
@pytest.mark.parametrize("as_of", ["100000", "-1", "soon", "99999999999999999999"])
async def test_a_past_that_is_none_is_refused(person: Person, path: str, as_of: str) -> None:
    memory = await person.remember("Ada skis.")
    answer = await person.get(path.replace("{id}", memory["memory_id"]), as_of=as_of)
    assert (answer.status_code, "as_of" in answer.text) == (422, True)


async def test_memories_are_filtered_by_when_they_are_true_and_how_they_are_kept(person: Person) -> None:
    await person.remember("a", valid_from="2024-01-01", valid_to="2024-07-01", importance=0.9, author_id="bob")
    await person.remember("b", valid_from="2024-07-01", pinned=True, key="k")
    await person.remember("c", importance=0.1)
    for wanted, found in (
        ({"valid_at": "2023-05-01T00:00:00Z"}, ["c"]),
        ({"valid_at": "2024-03-01T00:00:00Z"}, ["c", "a"]),
        ({"valid_at": "2024-07-01T00:00:00Z"}, ["c", "b"]),
        ({"importance_min": 0.9}, ["a"]),
        ({"pinned": True}, ["b"]),
        ({"pinned": False, "importance_min": 0.5}, ["a"]),
        ({"author_id": "bob"}, ["a"]),
        ({"key": "k"}, ["b"]),
    ):
        items = (await person.get("/v1/memories", **wanted)).json()["items"]
        assert [memory["content"] for memory in items] == found, wanted
