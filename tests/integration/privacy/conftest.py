"""The whole pipeline as processes, with nothing in it but what a test puts there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from mneme_common.testing.addresses import free_port
from mneme_common.testing.waiting import eventually
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows
from tests.fixtures.processes import Processes
from tests.fixtures.searching import in_logs, in_metrics, in_tables, in_topics
from tests.integration.gateway.running_gateway import PARTITIONS, Pipeline, RunningGateway

_WORKERS = ("resolver", "extractor", "embedder", "retention")


@dataclass
class Everything:
    """All of Mneme, with what is needed to search all of it."""

    pipeline: Pipeline
    bootstrap: str
    gateway: RunningGateway
    metrics: list[str] = field(default_factory=list)

    @property
    def rows(self) -> Rows:
        """The database past every wall."""
        return Rows(self.pipeline.database)

    def client(self) -> httpx.AsyncClient:
        """A client of the gateway."""
        return self.gateway.client()

    async def idle(self) -> None:
        """Returns when every stage has done what there was to do."""

        async def is_idle() -> bool:
            async with self.client() as client:
                status = (await client.get("/v1/admin/status")).json()
            waiting = sum(status["unfinished"].values()) + sum(stage["lag"] or 0 for stage in status["stages"])
            return bool(waiting == 0)

        await eventually(is_idle, within=60)

    async def buried(self, count: int) -> None:
        """Returns when at least so many records have been buried."""

        async def are_buried() -> bool:
            return bool(self.rows.value("SELECT count(*) FROM dead_letters") >= count)

        await eventually(are_buried, within=30)

    async def places_of(self, words: list[str], *, but_topics: tuple[str, ...] = ()) -> list[str]:
        """Where any of the words is, outside of the named topics."""
        tables = await asyncio.to_thread(in_tables, self.pipeline.database, words)
        topics = await in_topics(
            self.bootstrap, self.pipeline.topic_prefix, words, partitions=PARTITIONS, but=but_topics
        )
        metrics = await in_metrics(self.metrics, words)
        return tables + topics + in_logs(self.pipeline.processes, words) + metrics


@pytest.fixture
def everything(database: MnemeDatabase, topic_prefix: str, processes: Processes, tansu: Broker) -> Everything:
    """Every service on a database and topics of this test's own, at the most talkative level of logs."""
    pipeline = Pipeline(database, processes, topic_prefix)
    pipeline.announce_broker(tansu.bootstrap)
    urls = []
    for name in _WORKERS:
        port = free_port()
        pipeline.worker(name, MNEME_WORKER_PORT=str(port), MNEME_LOG_LEVEL="DEBUG")
        urls.append(f"http://127.0.0.1:{port}")
    gateway = pipeline.gateway({"MNEME_WRITE_WAIT": "25", "MNEME_LOG_LEVEL": "DEBUG"})
    return Everything(pipeline, tansu.bootstrap, gateway, [*urls, gateway.url])
