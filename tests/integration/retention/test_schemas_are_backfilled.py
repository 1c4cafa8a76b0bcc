"""A changed schema: memories get the identity that it gives them, through the log, and a replay is equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import BackfillSchema, Job
from mneme_common.contracts.record_commands import StoreRecord
from mneme_resolver.decide.report import Report
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_retention.commanding import Commanding
from mneme_retention.handlers.backfill_schema import BackfillSchemas
from mneme_retention.store.backfills import BackfillRows
from mneme_retention.store.ledger import LedgerRows
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT
from tests.fixtures.schemas import activate, define
from tests.integration.retention.world import MASTER_KEY, World

_BOOKS = (("Dune", "Herbert"), ("Emma", "Austen"), ("Persuasion", "Austen"))


class WorkerDiedError(Exception):
    """The worker is gone in the middle of its work."""


async def books(world: World, *users: str) -> None:
    """The same books for each of them, identified by their titles."""
    define(world.rows, 1, "title")
    define(world.rows, 2, "author")
    activate(world.rows, 1)
    for user in users:
        for title, author in _BOOKS:
            await world.write(StoreRecord(memory_class="book", values={"title": title, "author": author}), user=user)


async def backfill(world: World, version: int, emit: Any = None) -> Mapping[str, Any]:
    """The job that the activation has queued."""
    job_id = world.rows.value("SELECT job_id FROM schema_backfills WHERE version = %s", version)
    rows = BackfillRows(world.database, 2)
    handler = BackfillSchemas(rows, rows, Commanding(LedgerRows(world.database), world.clock))
    data = BackfillSchema(job_id=job_id, schema_version=version)
    return await handler(Job(job_id, "schema.backfill", TENANT, data), emit or world.emit)


def progress(world: World, version: int) -> dict[str, Any]:
    """What the registry shows of it."""
    (row,) = world.rows.all(
        "SELECT status, users_total, users_done, memories_done, collisions, after_user FROM schema_backfills"
        " WHERE version = %s", version)  # fmt: skip
    return row


async def test_memories_get_their_new_identity_and_those_that_share_one_stay_apart(world: World) -> None:
    await books(world, "ann", "bob")
    activate(world.rows, 2)
    result = await backfill(world, 2)
    assert result == {"schema_version": 2, "users_done": 2, "memories_done": 6, "collisions": 2}
    assert progress(world, 2) == {"status": "done", "users_total": 2, "users_done": 2, "memories_done": 6,
                                  "collisions": 2, "after_user": ""}  # fmt: skip
    live = world.rows.all(
        "SELECT schema_version, version, op FROM memories WHERE user_id = 'ann' AND to_seq IS NULL AND NOT tombstone"
    )
    assert live == [{"schema_version": "tenant-2", "version": 2, "op": "schema"}] * 3
    await world.write(StoreRecord(memory_class="book", values={"author": "herbert ", "pages": 412}), user="ann")
    assert len(world.memories()) == 6
    report = Report()
    replays = Replays(world.database, EmptyTables(world.rows.database.writer_url), subject_keys(MASTER_KEY))
    await replays.tenant(TENANT, report)
    assert (report.differences, report.users) == ([], 2)


async def test_a_record_finds_its_memory_before_the_backfill_has_come_to_it(world: World) -> None:
    await books(world, "ann")
    activate(world.rows, 2)
    await world.write(StoreRecord(memory_class="book", values={"author": "Herbert", "pages": 412}), user="ann")
    assert len(world.memories()) == 3
    assert (await backfill(world, 2))["memories_done"] == 2


async def test_a_backfill_that_was_cut_short_goes_on_where_it_stopped(world: World) -> None:
    await books(world, "ann", "bob", "cem")
    activate(world.rows, 2)

    async def dying(records: Sequence[OutgoingRecord]) -> None:
        if records[0].key == b"acme/bob":
            raise WorkerDiedError
        await world.emit(records)

    with pytest.raises(WorkerDiedError):
        await backfill(world, 2, dying)
    assert progress(world, 2) | {"status": "running", "users_done": 1, "after_user": "ann"} == progress(world, 2)
    before = len(world.emitted)
    assert (await backfill(world, 2))["users_done"] == 3
    assert {record.key for record in world.emitted[before:]} == {b"acme/bob", b"acme/cem"}
    assert (await backfill(world, 2)) == {"schema_version": 2, "superseded": True}


async def test_a_version_that_is_active_no_more_ends_its_backfill(world: World) -> None:
    await books(world, "ann", "bob")
    activate(world.rows, 2)

    async def overtaken(records: Sequence[OutgoingRecord]) -> None:
        if progress(world, 2)["status"] == "running":
            activate(world.rows, 1)
        await world.emit(records)

    assert await backfill(world, 2, overtaken) == {"schema_version": 2, "superseded": True}
    assert (progress(world, 2)["status"], progress(world, 1)["status"]) == ("superseded", "queued")
    assert (await backfill(world, 1))["collisions"] == 0
    labels = world.rows.all("SELECT DISTINCT schema_version FROM memories WHERE to_seq IS NULL")
    assert labels == [{"schema_version": "tenant-1"}]
