"""Retention as a process: jobs through a broker, a schedule by the clock, and an end at the wrong moment."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mneme_common.contracts.commands import StoreMemory
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import Job, RunRetention, job_record
from mneme_common.contracts.topics import JOBS, TopicNames
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import Step
from mneme_common.testing.waiting import eventually
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import TENANT, Rows, command, producing, said
from tests.fixtures.processes import Processes

PARTITIONS = 4


def environment(broker: Broker, prefix: str, database: MnemeDatabase, **more: str) -> dict[str, str]:
    """What a worker is started with."""
    quick = {"MNEME_KAFKA_SESSION_TIMEOUT_MS": "6000", "MNEME_EXPIRY_SCHEDULE_SECONDS": "1"}
    return {**database.settings(), **broker.settings(prefix), **quick, **more}


async def ten_old_messages(broker: Broker, prefix: str, rows: Rows, processes: Processes, settings: Any) -> None:
    """Recorded by a resolver that goes on running, and old by the hand of the test."""
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(prefix))
    processes.service("resolver", settings)
    async with producing(broker.bootstrap, prefix) as produce:
        await produce([command(said(f"message {number}"), user=f"user{number % 3}") for number in range(10)])
    await eventually(lambda: rows.value("SELECT count(*) FROM messages") == 10, within=40)
    rows.all("UPDATE messages SET created_at = created_at - interval '40 days' RETURNING 1")


def ask(rows: Rows, **parameters: object) -> uuid.UUID:
    """A policy run that an operator asks for; only its row, as if its record had been lost."""
    job_id = uuid.uuid4()
    given = {"actions": ["archive", "delete"], "dry_run": False} | parameters
    rows.all(
        "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
        " VALUES (%s, %s, 'retention.run', %s::jsonb, 'queued') RETURNING 1",
        job_id,
        TENANT,
        json.dumps(given),
    )
    return job_id


def finished(rows: Rows, job_id: uuid.UUID) -> Callable[[], dict[str, Any] | None]:
    """The job's row, once it is over."""

    def look() -> dict[str, Any] | None:
        (row,) = rows.all("SELECT * FROM jobs WHERE job_id = %s", job_id)
        return row if row["status"] in ("done", "failed") else None

    return look


async def test_a_job_without_a_record_is_published_worked_on_and_answered(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """And a malformed record before it, with a header that is not UTF-8, is buried without doing harm."""
    rows = Rows(database)
    settings = environment(broker, topic_prefix, database, MNEME_RETENTION_SCHEDULE_SECONDS="0")
    await ten_old_messages(broker, topic_prefix, rows, processes, settings)
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce([OutgoingRecord(JOBS, b"acme/system", b"{", (("ce_id", b"\xff"), ("ce_type", b"retention.run")))])
    dry = ask(rows, dry_run=True)
    worker = processes.service("retention", settings)
    done = await eventually(finished(rows, dry), within=40)
    assert done["result"] == {"archived": 10, "deleted": 0, "skipped": 0, "dry_run": True}
    wet = ask(rows)
    done = await eventually(finished(rows, wet), within=40)
    assert done["result"] == {"archived": 10, "deleted": 0, "skipped": 0, "dry_run": False}
    assert rows.value("SELECT count(*) FROM messages WHERE to_seq IS NULL AND archived") == 10
    await eventually(lambda: rows.value("SELECT count(*) FROM dead_letters WHERE stage = 'retention'") == 1)
    await eventually(lambda: rows.value("SELECT ready FROM workers WHERE stage = 'retention'"))
    assert worker.stop() == 0


async def test_a_record_that_comes_ten_times_runs_its_job_once(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    rows = Rows(database)
    settings = environment(broker, topic_prefix, database, MNEME_RETENTION_SCHEDULE_SECONDS="0")
    await ten_old_messages(broker, topic_prefix, rows, processes, settings)
    job_id = ask(rows)
    job = Job(job_id, "retention.run", TENANT, RunRetention(job_id=job_id, actions=["archive"]))
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce([job_record(job, source="test", time=datetime.now(UTC))] * 10)
    processes.service("retention", settings)
    done = await eventually(finished(rows, job_id), within=40)
    await eventually(lambda: rows.value("SELECT processed >= 10 FROM workers WHERE stage = 'retention'"), within=20)
    assert done["attempts"] == 1
    assert rows.value("SELECT count(*) FROM ledger WHERE event_type = 'retention.apply'") == 3


@pytest.mark.parametrize("step", [Step.EMITTED, Step.COMMITTED])
async def test_a_worker_that_is_killed_leaves_its_job_to_the_next(
    tansu: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes, step: Step
) -> None:
    """Between its commands and its result, and between its result and its acknowledgement."""
    rows = Rows(database)
    settings = environment(tansu, topic_prefix, database, MNEME_RETENTION_SCHEDULE_SECONDS="0")
    await ten_old_messages(tansu, topic_prefix, rows, processes, settings)
    job_id = ask(rows)
    victim = processes.killed_at("retention", step, settings)
    assert await eventually(lambda: victim.exit_code, within=40) == -9
    rows.all("UPDATE jobs SET lease_until = now() WHERE status = 'running' RETURNING 1")
    processes.service("retention", settings)
    done = await eventually(finished(rows, job_id), within=40)
    assert done["status"] == "done"
    assert rows.value("SELECT count(*) FROM messages WHERE to_seq IS NULL AND archived") == 10
    assert rows.value("SELECT count(*) FROM messages") == 20, "each message has one archived revision, not two"


async def test_the_clock_expires_memories_without_anybody_asking(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    """Two members of the stage, and each memory forgotten once."""
    rows = Rows(database)
    settings = environment(broker, topic_prefix, database)
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    for name in ("resolver", "retention", "retention"):
        processes.service(name, settings)
    note = {
        "kind": Kind.FACT,
        "memory_type": MemoryType.SEMANTIC,
        "expires_at": datetime.now(UTC) + timedelta(seconds=3),
    }
    notes = [StoreMemory.model_validate({"content": f"short-lived {number}"} | note) for number in range(5)]
    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce([command(data) for data in notes])
    await eventually(lambda: rows.value("SELECT count(*) FROM memories WHERE tombstone") == 5, within=60)
    assert rows.value("SELECT count(*) FROM memories WHERE to_seq IS NULL AND NOT tombstone") == 0
    assert rows.value("SELECT count(*) FROM jobs WHERE kind = 'retention.run'") <= 1, "of one tenant in one day"
