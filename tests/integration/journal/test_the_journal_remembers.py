"""The journaling bot without a model: it answers from memory by rule (features.md, S1-01 to S1-06)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import Rows
from tests.integration.journal.conftest import Journal, Writer


async def _memories(writer: Writer) -> dict[str, dict[str, str]]:
    body = (await writer.get("/memories")).json()
    return {bucket: {item["key"]: item["value"] for item in items} for bucket, items in body.items()}


async def _item(writer: Writer, bucket: str, key: str) -> dict[str, Any]:
    items = (await writer.get("/memories")).json()[bucket]
    (found,) = [item for item in items if item["key"] == key]
    return dict(found)


async def test_what_is_told_is_noted_in_its_bucket_and_changed_when_told_otherwise(writer: Writer) -> None:
    first = await writer.chat("I live in Lisbon and I love green tea.")
    assert first.status_code == 200, first.text
    changes = first.json()["memory_changes"]
    assert [(change["action"], change["type"], change["key"], change["value"]) for change in changes] == [
        ("created", "identity", "residence", "Lisbon"),
        ("created", "signals", "green_tea", "likes"),
    ]
    second = (await writer.chat("I live in Porto now.")).json()
    (change,) = second["memory_changes"]
    assert (change["action"], change["value"], change["id"]) == ("updated", "Porto", changes[0]["id"])
    assert "Porto" in second["response"]
    assert await _memories(writer) == {
        "identity": {"residence": "Porto"},
        "principles": {},
        "focus": {},
        "signals": {"green_tea": "likes"},
    }


async def test_a_question_is_answered_from_memory_or_honestly_not_at_all(writer: Writer) -> None:
    await writer.chat("I am allergic to peanuts.")
    known = (await writer.chat("What am I allergic to?")).json()
    assert "peanuts" in known["response"]
    assert known["answered_by"] == "rules"
    unknown = (await writer.chat("When does the ferry to Naxos leave?")).json()
    assert unknown["response"] == "I know nothing about that yet."
    assert unknown["memory_changes"] is None


async def test_with_memory_off_nothing_is_looked_up_and_nothing_ever_learnt(
    writer: Writer, rules_journal: Journal
) -> None:
    said = (await writer.chat("I live in Lisbon.", memory_enabled=False)).json()
    assert said["memory_changes"] is None
    asked = (await writer.chat("Where do I live?", memory_enabled=False)).json()
    assert "Lisbon" not in asked["response"]
    assert (await writer.get("/memories")).json()["identity"] == []
    read_by = Rows(rules_journal[1]).value(
        "SELECT string_agg(DISTINCT extractor, ',') FROM extractions WHERE user_id = %s AND message_id::text = ANY(%s)",
        writer.user_id, [said["message_id"], asked["message_id"]],
    )  # fmt: skip
    assert read_by == "none", "noted as read by nobody, so that no stage owes it a reading"


async def test_only_a_key_that_is_named_is_forgotten(writer: Writer) -> None:
    await writer.chat("I live in Lisbon and I work as a nurse.")
    kept = (await writer.chat("I cannot forget the residence of the ambassador.")).json()
    assert kept["memory_changes"] is None
    gone = (await writer.chat("Please forget my residence.")).json()
    assert [(change["action"], change["key"], change["value"]) for change in gone["memory_changes"]] == [
        ("deleted", "residence", None)
    ]
    assert (await _memories(writer))["identity"] == {"occupation": "nurse"}


async def test_an_edit_is_a_version_of_the_memory_and_a_taken_key_is_a_conflict(writer: Writer) -> None:
    await writer.chat("I live in Lisbon and I work as a nurse.")
    item = await _item(writer, "identity", "residence")
    path = f"/memories/identity/{item['id']}"
    edited = await writer.send("PUT", path, {"id": item["id"], "key": "Home Town", "value": "Braga"})
    assert (edited.status_code, edited.json()) == (200, {"id": item["id"], "key": "home_town", "value": "Braga"})
    history = (await writer.get(f"/v1/memories/{item['id']}/history")).json()
    assert [version["version"] for version in history["versions"]] == [1, 2]
    taken = await writer.send("PUT", path, {"key": "occupation", "value": "baker"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "KEY_TAKEN")
    assert (await _memories(writer))["identity"] == {"home_town": "Braga", "occupation": "nurse"}
    found = (await writer.post("/v1/retrieve/search", {"query": "Braga", "kinds": ["memory"]})).json()
    assert found["results"][0]["content"] == "home town: Braga", "there is no second store"


async def test_a_deleted_item_is_gone_and_its_history_stays(writer: Writer) -> None:
    await writer.chat("I work as a nurse.")
    item = await _item(writer, "identity", "occupation")
    assert (await writer.delete(f"/memories/identity/{item['id']}")).status_code == 204
    assert (await writer.delete(f"/memories/identity/{item['id']}")).status_code == 404
    assert (await _memories(writer))["identity"] == {}
    versions = (await writer.get(f"/v1/memories/{item['id']}/history")).json()["versions"]
    assert [version["op"] for version in versions] == ["create", "forget"]


async def test_what_cannot_be_is_refused_by_name_and_changes_nothing(writer: Writer) -> None:
    await writer.chat("I work as a nurse.")
    item = await _item(writer, "identity", "occupation")
    whole = {"key": "occupation", "value": "baker"}
    refused = [
        (await writer.chat("  \n"), 400, "BLANK_MESSAGE"),
        (await writer.post("/chat", {}), 422, "message"),
        (await writer.chat("x" * 1001), 422, "message"),
        (await writer.chat("my password: hunter2"), 403, "SENSITIVE_CONTENT"),
        (await writer.send("PUT", f"/memories/traits/{item['id']}", whole), 400, "BAD_TYPE"),
        (await writer.send("PUT", f"/memories/focus/{item['id']}", whole), 404, "NOT_FOUND"),
        (await writer.send("PUT", "/memories/identity/x", whole), 400, "BAD_ID"),
        (await writer.send("PUT", f"/memories/identity/{item['id']}", {**whole, "id": uuid4().hex}), 422, "id"),
        (await writer.send("PUT", f"/memories/identity/{item['id']}", {**whole, "key": "!?"}), 422, "key"),
        (await writer.send("PUT", f"/memories/identity/{item['id']}", {**whole, "value": " "}), 422, "value"),
        (await writer.somebody_else().send("PUT", f"/memories/identity/{item['id']}", whole), 404, "NOT_FOUND"),
        (await writer.somebody_else().delete(f"/memories/identity/{item['id']}"), 404, "NOT_FOUND"),
    ]
    assert [(answer.status_code, code in answer.text) for answer, _, code in refused] == [
        (status, True) for _, status, _ in refused
    ]
    assert (await _memories(writer))["identity"] == {"occupation": "nurse"}


async def test_the_messages_are_read_back_in_order_a_page_at_a_time(writer: Writer) -> None:
    assert (await writer.get("/messages")).json() == {"messages": [], "next_cursor": None}
    answers = [(await writer.chat(f"Entry number {number}.")).json()["response"] for number in range(2)]
    whole = (await writer.get("/messages")).json()["messages"]
    assert [(message["sender"], message["content"]) for message in whole] == [
        ("user", "Entry number 0."), ("bot", answers[0]), ("user", "Entry number 1."), ("bot", answers[1]),
    ]  # fmt: skip
    assert [message["timestamp"] for message in whole] == sorted(message["timestamp"] for message in whole)
    latest = (await writer.get("/messages", limit=3)).json()
    before = (await writer.get("/messages", limit=3, cursor=latest["next_cursor"])).json()
    assert before["messages"] + latest["messages"] == whole


async def test_a_turn_sent_twice_with_one_key_is_one_turn_with_one_answer(writer: Writer) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    once = (await writer.chat("I live in Lisbon.", headers)).json()
    again = (await writer.chat("I live in Lisbon.", headers)).json()
    assert again == once
    assert len((await writer.get("/messages")).json()["messages"]) == 2


async def test_clearing_ends_messages_and_memories_by_one_event_and_nothing_else(
    writer: Writer, rules_journal: Journal
) -> None:
    other = writer.somebody_else()
    await Writer(other.client, other.user_id).chat("I live in Rome.")
    await writer.say("I work as a nurse.", conversation_id="elsewhere")
    await writer.chat("I live in Lisbon.")
    cleared = (await writer.delete("/clear")).json()
    assert (cleared["success"], cleared["messages_cleared"], cleared["memories_cleared"]) == (True, 2, 1)
    assert (await writer.get("/messages")).json()["messages"] == []
    assert await _memories(writer) == {"identity": {}, "principles": {}, "focus": {}, "signals": {}}
    ended = Rows(rules_journal[1]).value(
        "SELECT count(DISTINCT to_seq) FROM (SELECT to_seq FROM messages WHERE user_id = %(u)s AND conversation_id ="
        " 'journal' UNION ALL SELECT to_seq FROM memories WHERE user_id = %(u)s AND memory_class = 'journal'"
        " AND NOT tombstone) AS ended".replace("%(u)s", f"'{writer.user_id}'")
    )
    assert ended == 1
    assert (await other.get("/memories")).json()["identity"][0]["value"] == "Rome"
    assert (await writer.get("/v1/conversations/elsewhere/messages")).status_code == 200
    assert "Lisbon" not in (await writer.chat("Where do I live?")).json()["response"]

    async def learnt_elsewhere() -> bool:
        items = (await writer.get("/v1/memories")).json()["items"]
        return any("nurse" in item["content"] for item in items)

    await eventually(learnt_elsewhere, within=20)
