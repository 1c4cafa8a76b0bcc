"""Decay: memories that matter little and were not needed for long come to an end (features.md, S1-13, S1-22)."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.retention.test_memory_expiry import note
from tests.integration.retention.world import NOW, World


async def test_what_was_not_needed_for_long_fades_and_the_rest_stays(world: World) -> None:
    await world.write(note("faded", importance=0.5, trust_tier="T4"), days_ago=100)
    await world.write(note("important", importance=1.0, trust_tier="T1"), days_ago=100)
    await world.write(note("pinned", importance=0.0, trust_tier="T4", pinned=True), days_ago=100)
    await world.write(note("young", importance=0.0), days_ago=0.5)
    result = await world.run("decay")
    assert (result["decayed"], result["skipped"]) == (1, 0)
    assert world.memories() == ["important", "pinned", "young"]
    (tombstone,) = world.rows.all("SELECT * FROM memories WHERE tombstone")
    assert (tombstone["status"], tombstone["op"], tombstone["reason"]) == ("archived", "decay", "not needed for long")


async def test_what_a_search_has_returned_lately_stays(world: World) -> None:
    for name in ("needed", "idle"):
        await world.write(note(name, importance=0.5, trust_tier="T4"), days_ago=100)
    world.rows.all(
        "INSERT INTO memory_access SELECT tenant_id, user_id, root_id, 1, %s FROM memories WHERE content = 'needed'"
        " RETURNING 1",
        NOW - timedelta(days=2),
    )
    assert (await world.run("decay"))["decayed"] == 1
    assert world.memories() == ["needed"]


async def test_a_dry_run_and_a_second_run_end_nothing(world: World) -> None:
    for user in ("ann", "bob"):
        for number in range(5):
            await world.write(note(f"{user} {number}", importance=0.1), days_ago=400, user=user)
    assert (await world.run("decay", dry_run=True, decay_below=0.2))["decayed"] == 10
    assert len(world.memories()) == 10
    assert (await world.run("decay", decay_below=0.2))["decayed"] == 10
    assert (await world.run("decay", decay_below=0.2))["decayed"] == 0


async def test_other_actions_let_no_memory_fade(world: World) -> None:
    await world.write(note("idle", importance=0.0), days_ago=400)
    assert "decayed" not in await world.run("archive", "delete")
    assert world.memories() == ["idle"]
