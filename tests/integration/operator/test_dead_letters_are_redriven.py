"""Dead letters over HTTP: seen, shown with their bytes, and sent again once their cause is fixed."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

from mneme_common.contracts.envelope import OutgoingRecord, key_of
from mneme_common.contracts.topics import CHANGES, COMMANDS, TURNS
from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import command, said
from tests.integration.operator.desk import Desk


async def test_a_malformed_record_is_listed_and_shown_with_its_bytes(desk: Desk) -> None:
    """Also where neither value nor headers are UTF-8."""
    headers = (("ce_id", b"\xff\xfe"), ("trace", b"x"))
    await desk.produce([OutgoingRecord(COMMANDS, key_of(desk.tenant, "ann"), b"\xff{", headers)])
    listed = await desk.a_letter()
    assert (listed["stage"], listed["reason"], listed["user_id"]) == ("resolver", "invalid_event", "ann")
    assert (listed["redriven_at"], listed["resolved_at"]) == (None, None)
    shown = await desk.letter(listed["letter_id"])
    assert base64.b64decode(shown["value_base64"]) == b"\xff{"
    assert shown["value_text"] is None
    assert shown["key"] == f"{desk.tenant}/ann"
    assert ["trace", "x"] in shown["headers"]


async def test_a_letter_that_fails_again_is_the_same_letter_opened_again(desk: Desk) -> None:
    """Not a second one beside it; and its neighbours were never held up."""
    await desk.produce([OutgoingRecord(COMMANDS, key_of(desk.tenant, "ann"), b"{", command(said("x")).headers)])
    first = await desk.a_letter()
    await desk.redrive(first["letter_id"])

    async def buried_again() -> bool:
        return bool((await desk.letter(first["letter_id"]))["buried_at"] > first["buried_at"])

    await eventually(buried_again, within=20)
    (again,) = await desk.letters()
    assert (again["letter_id"], again["redriven_at"], again["resolved_at"]) == (first["letter_id"], None, None)
    await desk.say("this one is in order")


async def test_a_buried_command_is_applied_after_its_redrive(desk: Desk) -> None:
    """Its ledger row, which said buried, is superseded; its letter is resolved."""
    sent = command(said("buried for a bug"), tenant=desk.tenant)
    letter_id = await desk.bury("resolver", sent)
    rows = desk.stack.rows
    assert rows.value("SELECT status FROM ledger WHERE tenant_id = %s", desk.tenant) == "buried"
    await desk.redrive(letter_id)
    await eventually(lambda: desk.resolved(letter_id), within=20)
    assert rows.value("SELECT status FROM ledger WHERE tenant_id = %s", desk.tenant) == "applied"
    assert rows.value("SELECT content FROM messages WHERE tenant_id = %s", desk.tenant) == "buried for a bug"
    assert await desk.letters() == []
    assert len(await desk.letters(state="all")) == 1


async def test_a_command_redriven_twice_is_applied_once(desk: Desk) -> None:
    letter_id = await desk.bury("resolver", command(said("once"), tenant=desk.tenant))
    await desk.redrive(letter_id)
    await desk.redrive(letter_id)
    await eventually(lambda: desk.resolved(letter_id), within=20)
    await desk.say("and something after it")
    assert desk.stack.rows.value("SELECT count(*) FROM messages WHERE tenant_id = %s", desk.tenant) == 2


async def test_a_bare_turn_redriven_twice_stays_the_event_that_it_was(desk: Desk) -> None:
    """Its only identity is the place where it first stood, which the re-drive carries."""
    turn = {"tenant": desk.tenant, "user": "ann", "role": "user", "content": "a bare turn"}
    letter_id = await desk.bury(
        "resolver", OutgoingRecord(TURNS, key_of(desk.tenant, "ann"), json.dumps(turn).encode(), ())
    )
    buried = desk.stack.rows.value("SELECT event_id FROM ledger WHERE tenant_id = %s", desk.tenant)
    await desk.redrive(letter_id)
    await desk.redrive(letter_id)
    await eventually(lambda: desk.resolved(letter_id), within=20)
    await desk.say("and something after it")
    rows = desk.stack.rows.all(
        "SELECT event_id, content FROM messages WHERE tenant_id = %s ORDER BY from_seq", desk.tenant
    )
    assert [row["content"] for row in rows] == ["a bare turn", "and something after it"]
    assert rows[0]["event_id"] == buried


async def test_a_stage_without_a_ledger_resolves_its_letter_too(desk: Desk) -> None:
    """An extractor that was not there when the letter was sent again."""
    message_id = await desk.say("I live in Porto.")
    (row,) = desk.stack.rows.all("SELECT * FROM messages WHERE message_id = %s", message_id)
    change = {
        "message_id": str(message_id), "revision": 1, "event_id": str(row["event_id"]), "conversation_id": "default",
        "role": "user", "content": row["content"], "occurred_at": row["occurred_at"].isoformat(), "position": 1,
    }  # fmt: skip
    attributes = {"ce_id": uuid4().hex, "ce_type": "message.recorded", "ce_source": "x", "ce_specversion": "1.0"}
    headers = tuple((name, value.encode()) for name, value in attributes.items())
    record = OutgoingRecord(CHANGES, key_of(desk.tenant, "ann"), json.dumps(change).encode(), headers)
    letter_id = await desk.bury("extractor", record)
    assert (await desk.letter(letter_id))["event_id"] == str(row["event_id"])
    await desk.redrive(letter_id)
    worker = desk.stack.pipeline.worker("extractor")
    await eventually(lambda: desk.resolved(letter_id), within=40)
    worker.stop()


async def test_all_letters_of_a_stage_are_sent_again_at_once(desk: Desk) -> None:
    key = key_of(desk.tenant, "ann")
    await desk.produce([OutgoingRecord(COMMANDS, key, b"{", command(said("x")).headers) for _ in range(3)])

    async def three() -> bool:
        return len(await desk.letters()) == 3

    await eventually(three, within=20)
    letters = {letter["letter_id"] for letter in await desk.letters(stage="resolver")}
    answer = await desk.client.post("/v1/admin/dead-letters/redrive", json={"stage": "resolver"})
    assert answer.status_code == 202
    assert letters <= set(answer.json()["redriven"])


async def test_an_unknown_letter_is_not_found(desk: Desk) -> None:
    unknown = uuid4()
    assert (await desk.client.get(f"/v1/admin/dead-letters/{unknown}")).status_code == 404
    assert (await desk.client.post(f"/v1/admin/dead-letters/{unknown}/redrive")).status_code == 404
    assert (await desk.client.get("/v1/admin/dead-letters/nonsense")).status_code == 400


async def test_a_redrive_that_names_nothing_is_refused(desk: Desk) -> None:
    answer = await desk.client.post("/v1/admin/dead-letters/redrive", json={})
    assert answer.status_code == 422
