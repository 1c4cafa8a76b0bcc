"""Memories with a time to live, from the sweep to their tombstones."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from mneme_common.contracts.commands import StoreMemory
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_retention.store.job_book import JobTable
from tests.integration.retention.world import NOW, World


def note(content: str, **fields: object) -> StoreMemory:
    """A memory stored on purpose."""
    given = {"content": content, "kind": Kind.FACT, "memory_type": MemoryType.SEMANTIC}
    return StoreMemory.model_validate(given | fields)


async def test_a_memory_whose_time_is_over_is_forgotten(world: World) -> None:
    await world.write(note("over", expires_at=NOW - timedelta(seconds=1)))
    await world.write(note("not yet", expires_at=NOW + timedelta(hours=1)))
    await world.write(note("for ever"))
    assert await world.expire() == {"expired": 1, "skipped": 0}
    assert world.memories() == ["for ever", "not yet"]
    (tombstone,) = world.rows.all("SELECT * FROM memories WHERE tombstone")
    assert (tombstone["status"], tombstone["reason"]) == ("expired", "time to live is over")


async def test_a_pinned_memory_never_expires(world: World) -> None:
    await world.write(note("pinned", expires_at=NOW - timedelta(days=1), pinned=True))
    assert await world.expire() == {"expired": 0, "skipped": 0}
    assert world.memories() == ["pinned"]


async def test_the_same_sweep_twice_changes_nothing(world: World) -> None:
    await world.write(note("over", expires_at=NOW))
    job_id = uuid4()
    await world.expire(job_id=job_id)
    ledger = world.rows.value("SELECT count(*) FROM ledger")
    assert await world.expire(job_id=job_id) == {"expired": 0, "skipped": 0}
    assert world.rows.value("SELECT count(*) FROM ledger") == ledger


async def test_all_pages_are_swept_for_all_users(world: World) -> None:
    for user in ("ann", "bob"):
        for number in range(5):
            await world.write(note(f"{user} {number}", expires_at=NOW - timedelta(hours=number % 2)), user=user)
    assert await world.expire() == {"expired": 10, "skipped": 0}
    assert world.memories() == []


async def test_the_schedule_finds_tenants_with_something_to_expire(world: World) -> None:
    """Neither those without, nor those whose sweep is open already."""
    book = JobTable(world.database)
    await world.write(note("over", expires_at=NOW), tenant="acme")
    await world.write(note("pinned", expires_at=NOW, pinned=True), tenant="pinned")
    await world.write(note("not yet", expires_at=NOW + timedelta(days=1)), tenant="later")
    await world.write(note("over", expires_at=NOW), tenant="waiting")
    world.rows.all(
        "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
        " VALUES (%s, 'waiting', 'memories.expire', '{}', 'queued') RETURNING 1",
        uuid4(),
    )
    assert await book.tenants() == ["acme", "later", "pinned", "waiting"]
    assert await book.tenants_with_expired_memories(NOW) == ["acme"]


async def test_jobs_that_are_long_over_are_forgotten(world: World) -> None:
    for status, finished in (("done", NOW - timedelta(days=31)), ("done", NOW), ("queued", None)):
        world.rows.all(
            "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status, finished_at)"
            " VALUES (%s, 'acme', 'memories.expire', '{}', %s, %s) RETURNING 1",
            uuid4(),
            status,
            finished,
        )
    await JobTable(world.database).forget_finished(NOW - timedelta(days=30))
    assert world.rows.value("SELECT count(*) FROM jobs") == 2
