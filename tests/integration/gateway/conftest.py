"""A gateway with everything behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster, MnemeDatabase
from tests.fixtures.processes import Processes
from tests.integration.gateway.credentials import REQUIRED
from tests.integration.gateway.person import Person
from tests.integration.gateway.running_gateway import Pipeline, RunningGateway


@pytest.fixture
def pipeline(database: MnemeDatabase, topic_prefix: str, processes: Processes) -> Pipeline:
    """A database and topics of this test's own; nothing runs on them yet."""
    return Pipeline(database, processes, topic_prefix)


@pytest.fixture(scope="package")
def shared_gateway(
    cluster: Cluster, tansu: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway without authentication and a resolver, shared by tests that each are another user."""
    processes = Processes(tmp_path_factory.mktemp("gateway"))
    with cluster.copy() as database:
        shared = Pipeline(database, processes, f"g{uuid4().hex[:12]}.")
        shared.announce_broker(tansu.bootstrap)
        shared.worker("resolver")
        # Patient, so that a busy machine changes no answer.
        yield shared.gateway({"MNEME_WRITE_WAIT": "25"})
        processes.stop_all()


@pytest.fixture(scope="package")
def locked_gateway(
    cluster: Cluster, tansu: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway that asks for keys, with a resolver behind it."""
    processes = Processes(tmp_path_factory.mktemp("locked"))
    with cluster.copy() as database:
        locked = Pipeline(database, processes, f"l{uuid4().hex[:12]}.")
        locked.announce_broker(tansu.bootstrap)
        locked.worker("resolver")
        yield locked.gateway(REQUIRED)
        processes.stop_all()


@pytest.fixture
async def locked(locked_gateway: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it without a credential."""
    async with locked_gateway.client() as client:
        yield client


@pytest.fixture
async def api(shared_gateway: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the shared gateway."""
    async with shared_gateway.client() as client:
        yield client


@pytest.fixture
def person(api: httpx.AsyncClient) -> Person:
    """A user whom no other test knows."""
    return Person(api, f"user-{uuid4().hex[:12]}")
