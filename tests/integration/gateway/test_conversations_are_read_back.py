"""Conversations as their messages make them (features.md, S2-18)."""

from __future__ import annotations

import pytest

from tests.integration.gateway.person import Person


async def test_conversations_are_listed_with_counts_and_the_latest_first(person: Person) -> None:
    await person.say("one", conversation_id="old", occurred_at="2024-01-01T00:00:00Z")
    await person.say("two", conversation_id="old", occurred_at="2024-01-02T00:00:00Z")
    await person.say("three", conversation_id="new", occurred_at="2024-02-01T00:00:00Z")

    listed = (await person.get("/v1/conversations")).json()

    assert [(item["id"], item["message_count"]) for item in listed["conversations"]] == [("new", 1), ("old", 2)]
    assert (listed["total"], listed["page"], listed["page_size"]) == (2, 1, 20)
    assert listed["conversations"][1]["last_message_at"] == "2024-01-02T00:00:00Z"
    assert (await person.get("/v1/conversations/new")).json() == listed["conversations"][0]


async def test_pages_beyond_the_last_are_empty_and_know_the_total(person: Person) -> None:
    for name in ("a", "b", "c"):
        await person.say("hello", conversation_id=name)
    pages = [(await person.get("/v1/conversations", page=page, page_size=2)).json() for page in (1, 2, 3)]

    assert [len(page["conversations"]) for page in pages] == [2, 1, 0]
    assert [page["total"] for page in pages] == [3, 3, 3]


async def test_messages_are_read_back_in_the_order_in_which_they_were_said(person: Person) -> None:
    for day in (3, 1, 2):
        await person.say(f"day {day}", occurred_at=f"2024-01-0{day}T00:00:00Z")
    read = (await person.get("/v1/conversations/default/messages")).json()
    assert [message["content"] for message in read["messages"]] == ["day 1", "day 2", "day 3"]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_cursors_lead_through_a_whole_conversation_once(person: Person, order: str) -> None:
    for number in range(7):
        await person.say(f"{number}", occurred_at="2024-01-01T00:00:00Z")
    path, seen, cursor = "/v1/conversations/default/messages", [], None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = (await person.get(path, limit=3, order=order, **more)).json()
        seen += [message["id"] for message in page["messages"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=order == "desc")


async def test_a_conversation_without_messages_is_not_found(person: Person) -> None:
    assert (await person.get("/v1/conversations/nothing")).status_code == 404
    assert (await person.get("/v1/conversations/nothing/messages")).status_code == 404


async def test_archived_conversations_are_told_apart(person: Person) -> None:
    message = await person.say("old news", conversation_id="gone")
    await person.say("news", conversation_id="here")
    await person.send("PUT", f"/v1/messages/{message['id']}", {"archived": True})

    for archived, name in ((True, "gone"), (False, "here")):
        listed = (await person.get("/v1/conversations", archived=archived)).json()
        assert [item["id"] for item in listed["conversations"]] == [name]


async def test_two_users_may_give_their_conversations_the_same_name(person: Person) -> None:
    other = person.somebody_else()
    await person.say("mine", conversation_id="c")
    await other.say("theirs", conversation_id="c")

    read = (await person.get("/v1/conversations/c/messages")).json()
    assert [message["content"] for message in read["messages"]] == ["mine"]
