"""Folding a ledger into empty tables gives the records again, byte for byte; anything else is found."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.command_types import COMMAND_TYPES
from mneme_common.contracts.commands import DeleteMessage, StoreMemory
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.jobs import EVERY_TENANT, Job, VerifyReplay
from mneme_common.contracts.topics import TURNS
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_resolver.decide.reading import read_event
from mneme_resolver.decide.report import SHOWN, Report
from mneme_resolver.handlers.verify_replay import VerifyReplays
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import TENANT, USER, Rows, event, said
from tests.integration.replay.ledgers import History, replays


@pytest.fixture
async def connected(database: MnemeDatabase) -> AsyncIterator[Database]:
    """The database as the resolver uses it."""
    opened = Database(database.writer_url, name="replay-test")
    await opened.open()
    yield opened
    await opened.close()


async def verified(connected: Database, database: MnemeDatabase, *, redecide: bool = False) -> Report:
    """The report over the tenant."""
    report = Report(redecides=redecide)
    await replays(connected, database).tenant(TENANT, report)
    return report


@pytest.mark.parametrize("seed", range(8))
async def test_random_histories_are_replayed_byte_for_byte(
    connected: Database, database: MnemeDatabase, seed: int
) -> None:
    """Every command, in batches of one to forty, hitting what exists and what does not."""
    history = History(connected, Rows(database), seed=seed)
    await history.grow(12, largest=40)
    await history.grow(3, user="bob")
    report = await verified(connected, database)
    assert report.differences == []
    rows = Rows(database)
    assert report.users == 2
    assert report.events == rows.value("SELECT count(*) FROM ledger")
    assert report.rows == sum(
        rows.value(f"SELECT count(*) FROM {table}") for table in ("messages", "memories", "extractions")
    )
    types = {row["event_type"] for row in rows.all("SELECT DISTINCT event_type FROM ledger")}
    assert types == set(COMMAND_TYPES), "the history exercises every command"


async def test_turns_and_refusals_are_replayed_like_commands(connected: Database, database: MnemeDatabase) -> None:
    """Bare and typed turns, one whose secret was withheld, and a write to a message that does not exist."""
    history, key = History(connected, Rows(database)), b"acme/ann"
    bare = b'{"tenant": "acme", "user": "ann", "role": "user", "content": "%s", "timestamp": "2026-01-01T00:00:00Z"}'
    typed = (("ce_id", b"1"), ("ce_type", b"turn"), ("ce_source", b"crm"), ("ce_specversion", b"1.0"))
    records = [
        Record("i", TURNS, 0, 1, 0, key, bare % b"hello", ()),
        Record("i", TURNS, 0, 2, 0, key, bare % b"the password: swordfish", ()),
        Record("i", TURNS, 0, 3, 0, key, b'{"conversation_id": "c", "role": "user", "content": "typed"}', typed),
    ]
    await history.write([read_event(record) for record in records])
    await history.write([event(DeleteMessage(message_id=uuid.uuid4()))])
    statuses = Rows(database).all("SELECT status FROM ledger ORDER BY seq")
    assert [row["status"] for row in statuses] == ["applied", "refused", "applied", "refused"]
    report = await verified(connected, database, redecide=True)
    assert (report.differences, report.redecisions, report.rows) == ([], [], 2)


async def test_a_replay_writes_nothing_at_all(connected: Database, database: MnemeDatabase) -> None:
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.grow(5)
    before = rows.all("SELECT (SELECT md5(string_agg(m::text, '' ORDER BY m::text)) FROM memories m),"
                      " (SELECT md5(string_agg(m::text, '' ORDER BY m::text)) FROM messages m),"
                      " (SELECT md5(string_agg(h::text, '' ORDER BY h::text)) FROM heads h)")  # fmt: skip
    for _ in range(2):
        await verified(connected, database)
    after = rows.all("SELECT (SELECT md5(string_agg(m::text, '' ORDER BY m::text)) FROM memories m),"
                     " (SELECT md5(string_agg(m::text, '' ORDER BY m::text)) FROM messages m),"
                     " (SELECT md5(string_agg(h::text, '' ORDER BY h::text)) FROM heads h)")  # fmt: skip
    assert before == after


@pytest.mark.parametrize(
    ("tampering", "table", "difference"),
    [
        ("UPDATE messages SET content = content || ' ' WHERE message_id = %s", "messages", "different"),
        ("UPDATE messages SET importance_score = importance_score + 1e-15 WHERE message_id = %s", "messages",
         "different"),
        ("UPDATE messages SET to_seq = 10 WHERE message_id = %s", "messages", "different"),
        ("DELETE FROM messages WHERE message_id = %s", "messages", "missing"),
        (("INSERT INTO messages SELECT (jsonb_populate_record(m, '{\"revision\": 9}')).* FROM messages m"
         " WHERE message_id = %s"), "messages", "unexpected"),
        (("UPDATE ledger SET outcome = outcome || '{\"status\": 200}' WHERE event_id ="
         " (SELECT event_id FROM messages WHERE message_id = %s)"), "ledger", "another outcome"),
        (("UPDATE ledger SET payload = payload || '\\x00' WHERE event_id ="
         " (SELECT event_id FROM messages WHERE message_id = %s)"), "ledger", "cannot be read: InvalidTag"),
    ],
)  # fmt: skip
async def test_one_tampered_row_is_found_and_named(
    connected: Database, database: MnemeDatabase, tampering: str, table: str, difference: str
) -> None:
    """By its id and never by its content."""
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.write([event(said(f"secret {number}")) for number in range(5)])
    message_id = rows.value("SELECT message_id FROM messages ORDER BY message_id OFFSET 2 LIMIT 1")
    rows.all(f"WITH tampered AS ({tampering} RETURNING 1) SELECT * FROM tampered", message_id)
    report = await verified(connected, database)
    found = {(one.table, one.difference) for one in report.differences}
    assert (table, difference) in found
    assert all((one.tenant_id, one.user_id) == (TENANT, USER) for one in report.differences)
    assert "secret" not in str(report.as_result())
    assert not report.as_result()["equal"]


async def test_a_tampered_memory_or_extraction_is_found_too(connected: Database, database: MnemeDatabase) -> None:
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.grow(6)
    rows.all("UPDATE memories SET pinned = NOT pinned WHERE memory_id ="
             " (SELECT memory_id FROM memories LIMIT 1) RETURNING 1")  # fmt: skip
    rows.all("UPDATE extractions SET proposals = proposals + 1 WHERE ctid = (SELECT ctid FROM extractions LIMIT 1)"
             " RETURNING 1")  # fmt: skip
    report = await verified(connected, database)
    assert sorted((one.table, one.difference) for one in report.differences) == [
        ("extractions", "different"),
        ("memories", "different"),
    ]


async def test_rows_of_a_user_without_a_ledger_are_found(connected: Database, database: MnemeDatabase) -> None:
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.write([event(said("mine"))])
    rows.all(
        "INSERT INTO messages SELECT (jsonb_populate_record(m, jsonb_build_object('user_id', 'ghost', 'message_id',"
        " gen_random_uuid()))).* FROM messages m RETURNING 1"
    )
    report = await verified(connected, database)
    assert [(one.user_id, one.difference) for one in report.differences] == [("ghost", "unexpected")]


async def test_a_buried_event_leaves_a_gap_and_no_difference(connected: Database, database: MnemeDatabase) -> None:
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.write([event(said("one"))])
    rows.all("UPDATE heads SET head_seq = 5 RETURNING 1")
    await history.write([event(said("two"))])
    assert rows.value("SELECT max(seq) FROM ledger") == 6
    assert (await verified(connected, database)).differences == []


async def test_many_differences_are_counted_and_the_first_twenty_shown(
    connected: Database, database: MnemeDatabase
) -> None:
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.write([event(said(f"{number}")) for number in range(50)])
    rows.all("UPDATE messages SET content = 'gone' RETURNING 1")
    report = await verified(connected, database)
    assert (report.found, len(report.differences)) == (50, SHOWN)


async def test_an_erased_subject_is_told_apart_from_a_difference(connected: Database, database: MnemeDatabase) -> None:
    """The ledger can no longer be read, and nothing may be left of the records."""
    history, rows = History(connected, Rows(database)), Rows(database)
    await history.write([event(said("mine"))])
    rows.all("UPDATE subject_keys SET wrapped_key = NULL, erased_at = now() RETURNING 1")
    assert (await verified(connected, database)).found == 1
    rows.all("DELETE FROM messages RETURNING 1")
    report = await verified(connected, database)
    assert (report.found, report.erased) == (0, 1)


async def test_what_is_written_meanwhile_does_no_harm(connected: Database, database: MnemeDatabase) -> None:
    """A replay sees the database as it was at its beginning, and holds nobody up."""
    history = History(connected, Rows(database))
    await history.write([event(said(f"{number}")) for number in range(20)])
    tool = replays(connected, database)
    async with tool.empty_tables(TENANT) as connection:
        await history.write([event(said("meanwhile"))])
        report = Report()
        await tool._replay(connection, TENANT, USER, report)
    assert (report.found, report.events) == (0, 20)


async def test_the_real_tables_cannot_be_written_on_the_connection_of_a_replay(
    connected: Database, database: MnemeDatabase
) -> None:
    async with replays(connected, database).empty_tables(TENANT) as connection:
        with pytest.raises(Exception, match="read-only transaction"):
            await connection.execute("DELETE FROM public.messages")


async def test_today_code_agrees_with_what_was_decided(connected: Database, database: MnemeDatabase) -> None:
    history = History(connected, Rows(database), seed=3)
    await history.grow(8, largest=30)
    report = await verified(connected, database, redecide=True)
    assert (report.found, report.redecisions) == (0, [])


async def test_a_choice_of_the_kill_switch_is_judged_under_the_kill_switch(
    connected: Database, database: MnemeDatabase
) -> None:
    """Configuration is recorded in the decision, so it is no difference of code."""
    history = History(connected, Rows(database), create_only=True)
    note = StoreMemory(content="home", kind=Kind.FACT, memory_type=MemoryType.SEMANTIC, key="home")
    await history.write([event(note), event(note)])
    report = await verified(connected, database, redecide=True)
    assert (report.found, report.redecided) == (0, 0)


async def test_a_decision_that_today_code_would_not_take_is_reported(
    connected: Database, database: MnemeDatabase
) -> None:
    """The records still equal the recorded decision: only the second look differs."""
    history, rows = History(connected, Rows(database)), Rows(database)
    note = StoreMemory(content="home", kind=Kind.FACT, memory_type=MemoryType.SEMANTIC)
    await history.write([event(note), event(note)])
    rows.all(
        "UPDATE ledger SET decision = jsonb_set(decision, '{actions,0,action}', '\"update\"'), outcome = outcome"
        " WHERE seq = 2 RETURNING 1"
    )
    report = await verified(connected, database, redecide=True)
    (redecision,) = report.redecisions
    assert (redecision.position, redecision.item) == (2, 0)
    assert redecision.recorded.startswith("update")
    assert redecision.today.startswith("unchanged")


@pytest.mark.parametrize(
    ("tenant", "user", "users"), [(TENANT, None, 2), (TENANT, USER, 1), (EVERY_TENANT, None, 3), (TENANT, "nobody", 0)]
)
async def test_a_job_covers_what_it_names(
    connected: Database, database: MnemeDatabase, tenant: str, user: str | None, users: int
) -> None:
    """One user, one tenant, or all; twice gives the same report twice."""
    history = History(connected, Rows(database))
    await history.write([event(said("a")), event(said("b"), user="bob"), event(said("c"), tenant="ecma")])
    data = VerifyReplay(job_id=uuid.uuid4(), user_id=user)
    job = Job(data.job_id, "replay.verify", tenant, data)

    async def emit(_records: object) -> None:
        raise AssertionError("a replay emits nothing")

    handler = VerifyReplays(replays(connected, database))
    first, second = [await handler(job, emit) for _ in range(2)]
    assert first == second
    assert (first["equal"], first["users"], first["events"]) == (True, users, users)
