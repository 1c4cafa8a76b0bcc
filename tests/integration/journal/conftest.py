"""The journal with everything behind it: once read by rules, once by a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from mneme_common.testing.openai_server import OpenAIServer
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster, MnemeDatabase
from tests.fixtures.pipeline import Rows
from tests.fixtures.processes import Processes
from tests.integration.gateway.person import Person
from tests.integration.gateway.running_gateway import Pipeline, RunningGateway

Journal = tuple[RunningGateway, MnemeDatabase]

_WAIT = {"MNEME_WRITE_WAIT": "25"}


@dataclass(frozen=True)
class Writer(Person):
    """Somebody who keeps a journal."""

    async def chat(self, message: str, headers: dict[str, str] | None = None, **fields: object) -> httpx.Response:
        """Writes to the journal."""
        return await self.post("/chat", {"message": message, **fields}, headers)


@pytest.fixture(scope="package")
def rules_journal(cluster: Cluster, tansu: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A gateway, a resolver and an extractor without a model."""
    processes = Processes(tmp_path_factory.mktemp("journal"))
    with cluster.copy() as database:
        pipeline = Pipeline(database, processes, f"j{uuid4().hex[:12]}.")
        pipeline.announce_broker(tansu.bootstrap)
        pipeline.worker("resolver")
        pipeline.worker("extractor", MNEME_EXTRACTOR="rules")
        yield pipeline.gateway(_WAIT), database
        processes.stop_all()


@pytest.fixture
async def writer(rules_journal: Journal) -> AsyncIterator[Writer]:
    """Somebody whom no other test knows, with a journal that is read by rules."""
    async with rules_journal[0].client() as client:
        yield Writer(client, f"user-{uuid4().hex[:12]}")


@pytest.fixture
async def model(
    tansu: Broker, database: MnemeDatabase, processes: Processes
) -> AsyncIterator[tuple[Writer, OpenAIServer, Rows]]:
    """The same with a model that the test scripts, and the tables behind it."""
    async with OpenAIServer().running() as server:
        pipeline = Pipeline(database, processes, f"m{uuid4().hex[:12]}.")
        await pipeline.open_broker(tansu.bootstrap)
        by_model = {"MNEME_EXTRACTOR": "openai", "OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": server.base_url}
        pipeline.worker("resolver")
        pipeline.worker("extractor", **by_model)
        gateway = pipeline.gateway(_WAIT | by_model)
        async with gateway.client() as client:
            yield Writer(client, f"user-{uuid4().hex[:12]}"), server, Rows(database)
