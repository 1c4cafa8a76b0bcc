"""What became of a message's extraction; nothing extracts here, so nothing has been read."""

from __future__ import annotations

from tests.integration.gateway.person import Person


async def test_a_message_that_nobody_has_read_yet_is_pending(person: Person) -> None:
    message = await person.say("I live in Lisbon.")
    shown = await person.get(f"/v1/messages/{message['id']}/extraction")
    assert shown.status_code == 200, shown.text
    assert (shown.json()["status"], shown.json()["revision"], shown.json()["memories"]) == ("pending", 1, [])


async def test_no_extraction_is_shown_of_a_message_that_was_deleted(person: Person) -> None:
    message = await person.say("I live in Lisbon.")
    await person.delete(f"/v1/messages/{message['id']}")
    assert (await person.get(f"/v1/messages/{message['id']}/extraction")).status_code == 404
