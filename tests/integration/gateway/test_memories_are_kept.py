"""Memories: stored, listed, replaced, forgotten (features.md, S4-01 to S4-06, C1 to C3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.gateway.person import Person


async def test_a_memory_is_stored_and_can_be_read_back(person: Person) -> None:
    stored = await person.remember("Ada prefers tea.")

    assert (stored["action"], stored["version"], stored["is_active"]) == ("created", 1, True)
    assert (stored["memory_type"], stored["type"], stored["trust_tier"]) == ("semantic", "fact", "T1")
    assert len(stored["memory_id"]) == 32
    read = (await person.get(f"/v1/memories/{stored['memory_id']}")).json()
    assert read == stored | {"action": None}


async def test_every_field_of_a_memory_is_kept(person: Person) -> None:
    fields = {
        "type": "rule",
        "tags": ["kitchen", "tea"],
        "namespace": "home",
        "session_id": "s1",
        "subject_id": "ada",
        "author_id": "bob",
        "trust_tier": "T3",
        "initial_confidence": 0.42,
        "importance": 0.9,
        "pinned": True,
        "source": "manual",
        "extra_metadata": {"a": [1, {"b": None}]},
        "key": "tea",
    }
    stored = await person.remember("Serve tea first.", observed_at="2024-01-01T00:00:00", **fields)
    assert {name: stored[name] for name in fields} == fields
    assert (stored["memory_type"], stored["observed_at"]) == ("procedural", "2024-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("given", "memory_type", "kind"),
    [
        ({"type": "event"}, "episodic", "event"),
        ({"type": "trait"}, "profile", "trait"),
        ({"memory_type": "profile"}, "profile", "trait"),
        ({"memory_type": "tool_result"}, "tool_result", "document"),
        ({"memory_type": "goal"}, "semantic", "goal"),
        ({"memory_type": "document", "type": "document"}, "semantic", "document"),
        ({"memory_type": "working", "type": "signal"}, "working", "signal"),
    ],
)
async def test_either_family_of_types_gives_both(
    person: Person, given: dict[str, str], memory_type: str, kind: str
) -> None:
    stored = await person.remember(f"{given}", **given)
    assert (stored["memory_type"], stored["type"]) == (memory_type, kind)


async def test_the_same_text_again_changes_nothing(person: Person) -> None:
    first = await person.remember("Ada prefers tea.")
    again = await person.post("/v1/memories", {"content": "  ada prefers TEA. "})
    assert again.status_code in (200, 201)
    assert again.json()["root_id"] == first["root_id"]
    same = await person.post("/v1/memories", {"content": again.json()["content"]})
    assert (same.status_code, same.json()["action"]) == (200, "unchanged")


async def test_the_same_key_replaces_and_keeps_the_history(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.", key="home")
    second = await person.remember("Ada lives in Lisbon.", key="home")

    assert (second["action"], second["version"], second["root_id"]) == ("updated", 2, first["root_id"])
    old = (await person.get(f"/v1/memories/{first['memory_id']}")).json()
    assert (old["is_active"], old["superseded_by"]) == (False, second["memory_id"])
    for memory_id in (first["memory_id"], second["memory_id"]):
        history = (await person.get(f"/v1/memories/{memory_id}/history")).json()
        assert [version["content"] for version in history["versions"]] == [first["content"], second["content"]]
        assert history["total"] == 2


async def test_a_deleted_memory_leaves_only_its_history(person: Person) -> None:
    first = await person.remember("Ada lives in Porto.", key="home")
    second = await person.remember("Ada lives in Lisbon.", key="home")

    assert (await person.delete(f"/v1/memories/{first['memory_id']}", reason="asked")).status_code == 204
    for memory in (first, second):
        assert (await person.get(f"/v1/memories/{memory['memory_id']}")).status_code == 404
    assert (await person.get("/v1/memories")).json()["items"] == []
    history = (await person.get(f"/v1/memories/{second['memory_id']}/history")).json()
    assert (history["versions"][-1]["tombstone"], history["versions"][-1]["reason"]) == (True, "asked")
    assert (await person.delete(f"/v1/memories/{second['memory_id']}")).status_code == 404


async def test_cursors_lead_through_all_memories_once(person: Person) -> None:
    batch = {"memories": [{"content": f"fact {number}"} for number in range(7)]}
    await person.post("/v1/memories/batch", batch)
    seen: list[str] = []
    cursor = None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = (await person.get("/v1/memories", limit=3, **more)).json()
        seen += [memory["content"] for memory in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"fact {number}" for number in reversed(range(7))]


@pytest.mark.parametrize("cursor", ["nonsense", "0" * 32])
async def test_a_made_up_cursor_of_memories_is_a_bad_request(person: Person, cursor: str) -> None:
    assert (await person.get("/v1/memories", cursor=cursor)).status_code == 400


async def test_memories_are_filtered_by_what_they_are(person: Person) -> None:
    await person.remember("a", type="rule", tags=["x", "y"], session_id="s1", namespace="n")
    await person.remember("b", memory_type="profile", tags=["x"], subject_id="ada", trust_tier="T2")

    for wanted, found in (
        ({"type": "rule"}, ["a"]),
        ({"memory_type": "profile"}, ["b"]),
        ({"tags": ["x"]}, ["b", "a"]),
        ({"tags": ["x", "y"]}, ["a"]),
        ({"session_id": "s1"}, ["a"]),
        ({"namespace": "n"}, ["a"]),
        ({"subject_id": "ada"}, ["b"]),
        ({"trust_tier": "T2"}, ["b"]),
        ({"trust_tier": "T2", "type": "rule"}, []),
    ):
        items = (await person.get("/v1/memories", **wanted)).json()["items"]
        assert [memory["content"] for memory in items] == found, wanted


async def test_a_memory_whose_time_is_over_is_listed_no_more(person: Person) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    stored = await person.remember("For a moment.", expires_at=soon)

    async def gone() -> bool:
        return not (await person.get("/v1/memories")).json()["items"]

    await eventually(gone)
    assert (await person.get(f"/v1/memories/{stored['memory_id']}")).json()["is_active"] is False


async def test_a_lifetime_in_days_gives_a_time_of_expiry(person: Person) -> None:
    stored = await person.remember("For a week.", ttl_days=7)
    left = datetime.fromisoformat(stored["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left < timedelta(days=7, minutes=1)


async def test_personal_data_in_a_memory_is_replaced(person: Person) -> None:
    assert (await person.remember("SSN 123-45-6789"))["content"] == "SSN [ssn]"


async def test_a_retry_of_a_memory_with_a_lifetime_is_the_same_write(person: Person) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    body = {"content": "For a week.", "ttl_days": 7}
    answers = [await person.post("/v1/memories", body, headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
