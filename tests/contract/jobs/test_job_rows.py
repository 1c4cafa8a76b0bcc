"""Job rows, in memory and in PostgreSQL: one suite for both."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import psycopg
import pytest

from mneme_common.adapters.job_rows import PostgresJobRows
from mneme_common.adapters.postgres import Database
from mneme_common.contracts.jobs import Job, JobRows, RunRetention, Settlement
from mneme_common.domain.failures import PermanentError
from mneme_common.testing.jobs import JobsInMemory
from tests.fixtures.databases import MnemeDatabase


class Bench(Protocol):
    """Job rows, and the world around them."""

    @property
    def rows(self) -> JobRows:
        """The rows under test."""

    def ask(self) -> UUID:
        """Adds a job."""

    def later(self, seconds: float) -> None:
        """Lets time pass."""

    def status(self, job_id: UUID) -> str:
        """The state of a job."""


@dataclass
class InMemory:
    """The fake."""

    rows: JobsInMemory

    def ask(self) -> UUID:
        job_id = uuid.uuid4()
        self.rows.add(Job(job_id, "retention.run", "acme", RunRetention(job_id=job_id, actions=["archive"])))
        return job_id

    def later(self, seconds: float) -> None:
        self.rows.now += seconds

    def status(self, job_id: UUID) -> str:
        return self.rows.status(job_id)


@dataclass
class InPostgres:
    """The real one; time passes by moving the rows into the past."""

    rows: PostgresJobRows
    url: str

    def ask(self) -> UUID:
        job_id = uuid.uuid4()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
                " VALUES (%s, 'acme', 'retention.run', '{\"actions\": [\"archive\"]}', 'queued')",
                (job_id,),
            )
        return job_id

    def later(self, seconds: float) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "UPDATE jobs SET lease_until = lease_until - make_interval(secs => %s),"
                " published_at = published_at - make_interval(secs => %s),"
                " requested_at = requested_at - make_interval(secs => %s)",
                (seconds, seconds, seconds),
            )

    def status(self, job_id: UUID) -> str:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT status FROM jobs WHERE job_id = %s", (job_id,)).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture(params=["memory", "postgres"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Both implementations, one after the other."""
    if request.param == "memory":
        yield InMemory(JobsInMemory())
        return
    made: MnemeDatabase = request.getfixturevalue("database")
    database = Database(made.writer_url, name="jobs", size=2)
    await database.open()
    yield InPostgres(PostgresJobRows(database), made.superuser_url)
    await database.close()


async def test_a_job_is_claimed_by_one_worker_at_a_time(bench: Bench) -> None:
    job_id = bench.ask()
    first = await bench.rows.claim(job_id, 30)
    assert first is not None
    assert (first.kind, first.tenant_id, first.attempt) == ("retention.run", "acme", 1)
    assert first.data == RunRetention(job_id=job_id, actions=["archive"])
    assert await bench.rows.claim(job_id, 30) is None


async def test_a_job_that_does_not_exist_will_never_succeed(bench: Bench) -> None:
    with pytest.raises(PermanentError, match="unknown_job"):
        await bench.rows.claim(uuid.uuid4(), 30)


async def test_a_settled_job_is_not_begun_again(bench: Bench) -> None:
    job_id = bench.ask()
    job = await bench.rows.claim(job_id, 30)
    assert job is not None
    await bench.rows.settle(job, Settlement("done", {"archived": 1}))
    assert bench.status(job_id) == "done"
    assert await bench.rows.claim(job_id, 30) is None


async def test_a_job_whose_lease_is_over_goes_to_the_next_worker(bench: Bench) -> None:
    """And the one that was slow can neither keep nor end it any more."""
    job_id = bench.ask()
    slow = await bench.rows.claim(job_id, 30)
    bench.later(31)
    quick = await bench.rows.claim(job_id, 30)
    assert slow is not None
    assert quick is not None
    assert quick.attempt == 2
    assert not await bench.rows.renew(slow, 30)
    await bench.rows.settle(slow, Settlement("failed", error="late"))
    assert bench.status(job_id) == "running"
    assert await bench.rows.renew(quick, 30)


async def test_a_renewed_lease_lasts_from_then_on(bench: Bench) -> None:
    job_id = bench.ask()
    job = await bench.rows.claim(job_id, 30)
    assert job is not None
    bench.later(20)
    assert await bench.rows.renew(job, 30)
    bench.later(20)
    assert await bench.rows.claim(job_id, 30) is None


async def test_whoever_asks_for_a_job_has_two_seconds_to_publish_it(bench: Bench) -> None:
    """Its row is written first; published twice, a job is still done once."""
    job_id = bench.ask()
    assert await bench.rows.to_publish("one") == []
    bench.later(3)
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [job_id]


async def test_a_job_is_published_once_for_an_incarnation(bench: Bench) -> None:
    job_id = bench.ask()
    bench.later(3)
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [job_id]
    assert await bench.rows.to_publish("one") == []
    assert [job.job_id for job in await bench.rows.to_publish("two")] == [job_id]


async def test_a_job_that_is_worked_on_or_settled_is_not_published(bench: Bench) -> None:
    job = await bench.rows.claim(bench.ask(), 30)
    assert job is not None
    assert await bench.rows.to_publish("one") == []
    await bench.rows.settle(job, Settlement("done", {}))
    assert await bench.rows.to_publish("one") == []


async def test_a_job_whose_worker_died_is_published_again(bench: Bench) -> None:
    job_id = bench.ask()
    bench.later(3)
    await bench.rows.to_publish("one")
    await bench.rows.claim(job_id, 30)
    bench.later(31)
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [job_id]
    assert await bench.rows.to_publish("one") == []


async def test_a_job_given_back_is_published_again(bench: Bench) -> None:
    job_id = bench.ask()
    bench.later(3)
    await bench.rows.to_publish("one")
    job = await bench.rows.claim(job_id, 30)
    assert job is not None
    await bench.rows.settle(job, Settlement("queued"))
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [job_id]


async def test_a_record_that_seems_lost_is_published_again(bench: Bench) -> None:
    """Nobody has begun the job ten minutes after its record was published."""
    job_id = bench.ask()
    bench.later(3)
    await bench.rows.to_publish("one")
    bench.later(601)
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [job_id]


async def test_a_row_that_nobody_can_read_fails_and_holds_up_no_other(database: MnemeDatabase) -> None:
    """Parameters of another version, and a kind that only another version knows, which is left to it."""
    opened = Database(database.writer_url, name="jobs", size=2)
    await opened.open()
    bench = InPostgres(PostgresJobRows(opened), database.superuser_url)
    good, bad, unknown = bench.ask(), bench.ask(), bench.ask()
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE jobs SET parameters = '{\"actions\": []}' WHERE job_id = %s", (bad,))
        connection.execute("UPDATE jobs SET kind = 'to.come' WHERE job_id = %s", (unknown,))
    bench.later(3)
    assert [job.job_id for job in await bench.rows.to_publish("one")] == [good]
    assert [bench.status(job_id) for job_id in (good, bad, unknown)] == ["queued", "failed", "queued"]
    assert await bench.rows.claim(bad, 30) is None
    await opened.close()
