"""A policy run, from the tenant's rows to the records that the resolver changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg

from mneme_common.contracts.commands import UpdateMessage
from mneme_retention.store.messages import _TO_ARCHIVE, _TO_DELETE
from tests.fixtures.pipeline import said
from tests.integration.retention.world import NOW, World


async def test_old_and_unimportant_messages_are_archived_and_the_others_kept(world: World) -> None:
    """S2-27 with its defaults: 30 days, importance 0.35, nothing younger than a day."""
    await world.write(said("old", importance_override=0.9), days_ago=40)
    await world.write(said("unimportant", importance_override=0.1), days_ago=3)
    await world.write(said("kept", importance_override=0.9), days_ago=3)
    await world.write(said("young", importance_override=0.1), days_ago=0.5)
    result = await world.run("archive", "delete")
    assert result == {"archived": 2, "deleted": 0, "skipped": 0, "dry_run": False}
    assert world.messages() == {"old": True, "unimportant": True, "kept": False, "young": False}


async def test_a_second_run_changes_nothing(world: World) -> None:
    await world.write(said("old"), days_ago=40)
    await world.run("archive")
    positions = world.rows.value("SELECT max(head_seq) FROM heads")
    assert await world.run("archive") == {"archived": 0, "deleted": 0, "skipped": 0, "dry_run": False}
    assert world.rows.value("SELECT max(head_seq) FROM heads") == positions


async def test_a_dry_run_counts_what_a_run_would_do_and_issues_nothing(world: World) -> None:
    for number in range(7):
        await world.write(said(f"old {number}"), days_ago=40)
    await world.write(said("kept", importance_override=0.9), days_ago=3)
    dry = await world.run("archive", "delete", dry_run=True)
    assert dry == {"archived": 7, "deleted": 0, "skipped": 0, "dry_run": True}
    assert world.emitted == []
    assert (await world.run("archive", "delete"))["archived"] == 7


async def test_pages_leave_no_message_out(world: World) -> None:
    """Also where many share one position, as those archived by one command do."""
    for user in ("ann", "bob", "cy"):
        for number in range(8):
            await world.write(said(f"{user} {number}"), days_ago=100 - number, user=user)
    assert (await world.run("archive"))["archived"] == 24
    world.now += timedelta(days=91)
    assert (await world.run("delete"))["deleted"] == 24
    assert world.messages() == {}


async def test_messages_archived_long_enough_are_deleted(world: World) -> None:
    await world.write(said("archived"), days_ago=40)
    await world.run("archive")
    world.now += timedelta(days=89)
    assert (await world.run("delete"))["deleted"] == 0
    world.now += timedelta(days=2)
    assert (await world.run("delete"))["deleted"] == 1
    assert world.messages() == {}


async def test_a_change_to_an_archived_message_does_not_put_off_its_deletion(world: World) -> None:
    """It has been archived without a break since the first revision that was."""
    message_id = await world.write(said("archived"), days_ago=200)
    await world.write(UpdateMessage(message_id=UUID(message_id), archived=True), days_ago=100)
    await world.write(UpdateMessage(message_id=UUID(message_id), metadata={"seen": True}), days_ago=10)
    assert (await world.run("delete"))["deleted"] == 1


async def test_a_message_archived_anew_is_kept_for_the_whole_time_again(world: World) -> None:
    message_id = await world.write(said("back and forth"), days_ago=200)
    for archived, days_ago in ((True, 150), (False, 120), (True, 10)):
        await world.write(UpdateMessage(message_id=UUID(message_id), archived=archived), days_ago=days_ago)
    assert (await world.run("delete"))["deleted"] == 0


async def test_more_than_the_policy_allows_goes_oldest_first(world: World) -> None:
    """max_items; what is younger than a day is left alone all the same."""
    world.policy(max_items=2, importance_threshold=0.0)
    for number in range(5):
        await world.write(said(f"{number}", importance_override=0.9), days_ago=10 - number)
    assert (await world.run("archive"))["archived"] == 3
    assert world.messages() == {"0": True, "1": True, "2": True, "3": False, "4": False}


async def test_both_reasons_are_needed_where_the_mode_says_so(world: World) -> None:
    await world.write(said("old", importance_override=0.9), days_ago=40)
    await world.write(said("both", importance_override=0.1), days_ago=40)
    await world.write(said("unimportant", importance_override=0.1), days_ago=3)
    assert (await world.run("archive", mode="all"))["archived"] == 1
    assert world.messages() == {"old": False, "both": True, "unimportant": False}


async def test_only_the_actions_asked_for_are_done(world: World) -> None:
    await world.write(said("old"), days_ago=40)
    assert (await world.run("delete"))["archived"] == 0
    assert world.messages() == {"old": False}


async def test_the_policy_row_is_made_with_the_defaults(world: World) -> None:
    await world.run("archive")
    (row,) = world.rows.all("SELECT * FROM retention_policies")
    assert (row["tenant_id"], row["max_age_days"], row["importance_threshold"]) == ("acme", 30, 0.35)
    assert (row["delete_after_days"], row["max_items"]) == (90, None)


async def test_one_tenant_is_touched_and_no_other(world: World) -> None:
    """A transaction of a run names one tenant, and row-level security keeps it to that."""
    await world.write(said("ours"), days_ago=40)
    await world.write(said("theirs"), days_ago=40, tenant="ecma")
    assert (await world.run("archive"))["archived"] == 1
    assert world.messages() == {"ours": True, "theirs": False}


async def test_commands_have_five_hundred_ids_at_most(world: World) -> None:
    world.page = 2_000
    await world.write(said("seed"), days_ago=40)
    world.rows.all(
        "INSERT INTO messages SELECT (jsonb_populate_record(m, jsonb_build_object('message_id',"
        " md5(n::text)::uuid, 'from_seq', m.from_seq))).* FROM messages m, generate_series(1, 1200) AS n"
        " RETURNING 1"
    )
    assert (await world.run("archive"))["archived"] == 1_201
    assert len(world.emitted) == 3


async def test_a_page_is_read_in_the_order_of_an_index(world: World) -> None:
    """So a run goes over the tenant's messages once, whatever the number of its pages, and sorts a few at a time."""
    await world.write(said("seed"), days_ago=40)
    world.rows.all(
        "INSERT INTO messages SELECT (jsonb_populate_record(m, jsonb_build_object('message_id', md5(n::text)::uuid,"
        " 'user_id', 'u' || n % 100, 'from_seq', n / 100 + 2, 'archived', n % 2 = 0))).*"
        " FROM messages m, generate_series(1, 20000) AS n RETURNING 1"
    )
    with psycopg.connect(world.rows.database.superuser_url, autocommit=True) as superuser:
        superuser.execute("ANALYZE messages")
    place = {"user": "u5", "seq": 3, "message": UUID(int=0), "surplus": None, "page": 2_000}
    asked = {"tenant": "acme", "young": NOW, "old": NOW, "threshold": 0.35, "before": NOW}
    async with world.database.transaction(["acme"]) as connection:
        for statement in (_TO_ARCHIVE, _TO_DELETE):
            cursor = await connection.execute(f"EXPLAIN {statement}".encode(), asked | place)
            plan = "\n".join(row["QUERY PLAN"] for row in await cursor.fetchall())
            assert "Presorted Key: m.user_id" in plan, plan
            assert "Seq Scan" not in plan, plan
