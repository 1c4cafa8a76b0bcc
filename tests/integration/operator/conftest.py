"""A gateway with resolver and retention behind it, for those who look after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster
from tests.fixtures.processes import Processes
from tests.integration.gateway.running_gateway import Pipeline
from tests.integration.operator.desk import Desk, Stack


@pytest.fixture(scope="package")
def stack(cluster: Cluster, tansu: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Nobody needs a key; each test is another tenant."""
    processes = Processes(tmp_path_factory.mktemp("operator"))
    with cluster.copy() as database:
        pipeline = Pipeline(database, processes, f"o{uuid4().hex[:12]}.")
        pipeline.announce_broker(tansu.bootstrap)
        for name in ("resolver", "retention"):
            pipeline.worker(name, MNEME_RETENTION_SCHEDULE_SECONDS="0", MNEME_EXPIRY_SCHEDULE_SECONDS="0")
        yield Stack(pipeline, pipeline.gateway({"MNEME_WRITE_WAIT": "25"}), tansu.bootstrap)
        processes.stop_all()


@pytest.fixture
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    """An operator, and a tenant whom no other test knows."""
    async with stack.gateway.client() as client:
        yield Desk(stack, client, f"tenant-{uuid4().hex[:12]}")
