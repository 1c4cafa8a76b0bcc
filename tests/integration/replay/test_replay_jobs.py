"""A replay that an operator asks for, done by the resolver's process while it goes on writing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from mneme_common.contracts.jobs import EVERY_TENANT, Job, VerifyReplay, job_record
from mneme_common.contracts.topics import TopicNames
from mneme_common.testing.waiting import eventually
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows, command, producing, said
from tests.fixtures.processes import Processes

PARTITIONS = 4


def ask(rows: Rows, tenant: str) -> Job:
    """A job's row."""
    data = VerifyReplay(job_id=uuid.uuid4())
    rows.all(
        "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
        " VALUES (%s, %s, 'replay.verify', '{}', 'queued') RETURNING 1",
        data.job_id,
        tenant,
    )
    return Job(data.job_id, "replay.verify", tenant, data)


async def test_a_replay_is_done_beside_the_writing_and_finds_the_records_equal(
    broker: Broker, topic_prefix: str, database: MnemeDatabase, processes: Processes
) -> None:
    rows = Rows(database)
    await create_topics(broker.bootstrap, PARTITIONS, names=TopicNames(topic_prefix))
    settings = {**database.settings(), **broker.settings(topic_prefix), "MNEME_KAFKA_ASSIGNMENT": "all"}
    resolver = processes.service("resolver", settings)
    job = ask(rows, EVERY_TENANT)

    def result() -> dict[str, Any] | None:
        (row,) = rows.all("SELECT status, result FROM jobs WHERE job_id = %s", job.job_id)
        return row["result"] if row["status"] == "done" else None

    async with producing(broker.bootstrap, topic_prefix) as produce:
        await produce([command(said(f"{number}"), user=f"user{number % 5}") for number in range(50)])
        await eventually(lambda: rows.value("SELECT count(*) FROM messages") == 50, within=40)
        await produce([job_record(job, source="test", time=datetime.now(UTC))] * 3)
        await produce([command(said(f"more {number}"), user=f"user{number % 5}") for number in range(50)])
        found = await eventually(result, within=40)
        await eventually(lambda: rows.value("SELECT count(*) FROM messages") == 100, within=40)
    assert (found["equal"], found["users"], found["differences"]) == (True, 5, [])
    assert found["events"] >= 50
    assert rows.value("SELECT attempts FROM jobs WHERE job_id = %s", job.job_id) == 1
    assert resolver.stop() == 0
