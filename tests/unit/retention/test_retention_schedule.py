"""The clock's jobs, with a clock that the test sets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from mneme_common.contracts.jobs import Job
from mneme_common.testing.waiting import eventually
from mneme_retention.decide.schedule import slot
from mneme_retention.scheduler import Scheduler
from mneme_retention.settings import RetentionSettings

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Book:
    """Jobs in memory; ``expired`` names the tenants that have something to expire."""

    known: Sequence[str] = ("acme", "ecma")
    expired: Sequence[str] = ()
    jobs: dict[UUID, Job] = field(default_factory=dict)
    forgotten: list[datetime] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    absences: int = 0

    async def add(self, jobs: Sequence[Job]) -> None:
        if self.absences:
            self.absences -= 1
            raise psycopg.OperationalError("away")
        for job in jobs:
            self.jobs.setdefault(job.job_id, job)

    async def tenants(self) -> Sequence[str]:
        return self.known

    async def tenants_with_expired_memories(self, now: datetime) -> Sequence[str]:
        self.asked.append(now)
        return self.expired

    async def forget_finished(self, before: datetime) -> None:
        self.forgotten.append(before)

    def added(self, kind: str) -> list[str]:
        """The tenants of the jobs of a kind."""
        return [job.tenant_id for job in self.jobs.values() if job.kind == kind]


@dataclass
class Clock:
    """A clock that stands still until told otherwise."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


def scheduler(book: Book, clock: Clock, tenants: Sequence[str] = ("*",), retention: int = 86_400) -> Scheduler:
    """A scheduler with the intervals of production."""
    return Scheduler(book, clock, retention, 60, tenants)


async def test_every_tenant_gets_one_policy_run_a_day() -> None:
    book, clock = Book(), Clock()
    one = scheduler(book, clock)
    for _ in range(5):
        await one.tick()
        clock.now += timedelta(hours=1)
    assert book.added("retention.run") == ["acme", "ecma"]
    clock.now += timedelta(days=1)
    await one.tick()
    assert book.added("retention.run") == ["acme", "ecma"] * 2


async def test_a_second_member_adds_nothing_twice() -> None:
    """Also one that starts later in the slot: the job's id is a function of kind, tenant and slot."""
    book, clock = Book(expired=["acme"]), Clock()
    await scheduler(book, clock).tick()
    clock.now += timedelta(seconds=20)
    await scheduler(book, clock).tick()
    assert book.added("retention.run") == ["acme", "ecma"]
    assert book.added("memories.expire") == ["acme"]


async def test_only_tenants_with_something_to_expire_get_a_sweep() -> None:
    book, clock = Book(), Clock()
    one = scheduler(book, clock)
    await one.tick()
    book.expired = ["ecma"]
    await one.tick()
    assert book.added("memories.expire") == []
    clock.now += timedelta(seconds=60)
    await one.tick()
    assert book.added("memories.expire") == ["ecma"]


async def test_a_list_of_tenants_limits_the_schedule() -> None:
    book = Book(expired=["acme", "ecma"])
    await scheduler(book, Clock(), tenants=["ecma"]).tick()
    assert book.added("retention.run") == ["ecma"]
    assert book.added("memories.expire") == ["ecma"]


async def test_an_interval_of_zero_means_never() -> None:
    book = Book()
    await scheduler(book, Clock(), retention=0).tick()
    assert book.added("retention.run") == []


async def test_jobs_are_forgotten_after_thirty_days() -> None:
    book = Book()
    await scheduler(book, Clock()).tick()
    assert book.forgotten == [START - timedelta(days=30)]


async def test_an_absent_database_is_asked_again() -> None:
    book, stopping = Book(absences=1), asyncio.Event()
    running = asyncio.create_task(scheduler(book, Clock()).run(stopping))
    await eventually(lambda: book.jobs)
    stopping.set()
    await running


def test_slots_of_different_intervals_never_meet() -> None:
    assert slot(START, 60) != slot(START, 3_600)
    assert slot(START, 60) == slot(START + timedelta(seconds=59), 60)
    assert slot(START, 60) != slot(START + timedelta(seconds=60), 60)


def test_the_tenants_of_the_schedule_are_a_star_or_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_WRITER_DATABASE_URL", "postgresql://nowhere")
    assert RetentionSettings().retention_tenants == ["*"]
    monkeypatch.setenv("MNEME_RETENTION_TENANTS", "acme, ecma")
    assert RetentionSettings().retention_tenants == ["acme", "ecma"]
