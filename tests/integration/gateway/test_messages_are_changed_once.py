"""Two writers of one message: with If-Match the second one learns that he has read an earlier revision."""

from __future__ import annotations

from tests.integration.gateway.person import Person


async def test_a_message_is_changed_only_at_the_revision_that_was_read(person: Person) -> None:
    message = await person.say("Ann lives in Bremen.")
    path = f"/v1/messages/{message['id']}"
    assert (await person.get(path)).headers["etag"] == '"1"'
    changed = await person.send("PUT", path, {"content": "Ann lives in Bergen."}, {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    late = await person.send("PUT", path, {"content": "Ann lives in Basel."}, {"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "VERSION_CONFLICT")
    assert (await person.delete(path, {"If-Match": '"1"'})).status_code == 409
    assert (await person.get(path)).json()["content"] == "Ann lives in Bergen."
    assert (await person.delete(path, {"If-Match": "2"})).status_code == 422
    assert (await person.delete(path, {"If-Match": '"2"'})).status_code == 204
