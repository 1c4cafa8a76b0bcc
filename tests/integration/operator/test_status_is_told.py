"""How the pipeline stands, as operators are told."""

from __future__ import annotations

from typing import Any

from mneme_common.contracts.envelope import OutgoingRecord, key_of
from mneme_common.contracts.topics import COMMANDS
from mneme_common.testing.waiting import eventually
from tests.fixtures.pipeline import command, said
from tests.integration.operator.desk import Desk


async def status(desk: Desk) -> dict[str, Any]:
    """The status as it is answered."""
    answer = await desk.client.get("/v1/admin/status")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_each_stage_is_told_with_its_workers_lag_and_letters(desk: Desk) -> None:
    """The stages that nobody runs, too."""
    await desk.say("something")

    async def counted() -> dict[str, Any] | None:
        stages = {stage["stage"]: stage for stage in (await status(desk))["stages"]}
        return stages if stages["resolver"]["processed"] and stages["resolver"]["lag"] == 0 else None

    stages = await eventually(counted, within=25)
    assert list(stages) == ["resolver", "extractor", "embedder", "retention"]
    assert (stages["resolver"]["workers"], stages["resolver"]["ready"]) == (1, 1)
    assert (stages["retention"]["workers"], stages["embedder"]["workers"]) == (1, 0)
    before = stages["resolver"]["dead_letters"]
    await desk.produce([OutgoingRecord(COMMANDS, key_of(desk.tenant, "ann"), b"{", command(said("x")).headers)])

    async def one_more() -> bool:
        stages = {stage["stage"]: stage for stage in (await status(desk))["stages"]}
        return bool(stages["resolver"]["dead_letters"] == before + 1)

    await eventually(one_more, within=25)


async def test_what_is_unfinished_is_counted_with_its_age(desk: Desk) -> None:
    """Recorded, and neither extracted nor indexed, since no such stage runs."""
    before = (await status(desk))["unfinished"]
    await desk.say("something")

    async def one_more() -> dict[str, Any] | None:
        found = await status(desk)
        wanted = {"extraction": before["extraction"] + 1, "indexing": before["indexing"] + 1}
        return found if found["unfinished"] == {"journal": 0, **wanted} else None

    found = await eventually(one_more, within=25)
    assert found["oldest_unfinished_seconds"] > 0


async def test_what_is_buried_waits_for_an_operator_and_counts_as_no_work(desk: Desk) -> None:
    message_id = await desk.say("something")
    (row,) = desk.stack.rows.all("SELECT event_id FROM messages WHERE message_id = %s", message_id)
    counted = "SELECT extraction, indexing FROM unfinished_work()"
    before = desk.stack.rows.all(counted)[0]
    body = f'{{"event_id": "{row["event_id"]}"}}'.encode()
    await desk.bury("extractor", OutgoingRecord("memory.changes.v1", key_of(desk.tenant, "ann"), body, ()))
    after = desk.stack.rows.all(counted)[0]
    assert (before["extraction"] - after["extraction"], before["indexing"] - after["indexing"]) == (1, 1)


async def test_the_log_in_use_is_named(desk: Desk) -> None:
    broker = (await status(desk))["broker"]
    assert broker["bootstrap"] == desk.stack.bootstrap
    assert broker["state"] == "ready"
    assert broker["incarnation"]
