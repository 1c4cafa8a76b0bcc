"""Jobs on the embedded broker, which forgets at its end: the row of a job does not."""

from __future__ import annotations

import asyncio
import json
import uuid
from base64 import b64encode
from typing import Any

from mneme_common.testing.waiting import eventually
from mneme_launcher.tansu import TansuBroker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import TENANT, Rows, said
from tests.fixtures.processes import Processes
from tests.integration.gateway.running_gateway import Pipeline
from tests.integration.retention.world import MASTER_KEY, World

NEVER = {"MNEME_RETENTION_SCHEDULE_SECONDS": "0", "MNEME_EXPIRY_SCHEDULE_SECONDS": "0"}


async def test_a_job_goes_on_when_its_commands_went_down_with_the_broker(
    world: World, database: MnemeDatabase, processes: Processes
) -> None:
    """Its commands were acknowledged by a broker that is gone; nobody had read them."""
    rows = Rows(database)
    for number in range(5):
        await world.write(said(f"old {number}"), days_ago=40)
    pipeline = Pipeline(database, processes, "")
    first, second = TansuBroker(), TansuBroker()
    await asyncio.to_thread(first.start)
    await pipeline.open_broker(first.bootstrap)
    job_id = uuid.uuid4()
    rows.all(
        "INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)"
        " VALUES (%s, %s, 'retention.run', %s::jsonb, 'queued') RETURNING 1",
        job_id,
        TENANT,
        json.dumps({"actions": ["archive"]}),
    )
    pipeline.worker("retention", **NEVER)

    def job() -> dict[str, Any]:
        return rows.all("SELECT * FROM jobs WHERE job_id = %s", job_id)[0]

    try:
        await eventually(lambda: job()["status"] == "running", within=40)
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(second.start)
        await pipeline.open_broker(second.bootstrap)
        pipeline.worker("resolver", MNEME_ENCRYPTION_KEY=b64encode(MASTER_KEY).decode())
        await eventually(lambda: job()["status"] == "done", within=60)
    finally:
        await asyncio.to_thread(second.stop)
    assert job()["result"]["archived"] == 5
    assert rows.value("SELECT count(*) FROM messages WHERE to_seq IS NULL AND archived") == 5
    assert rows.value("SELECT count(*) FROM messages") == 10
