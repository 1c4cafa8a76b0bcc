"""The gateway as a process of its own, with a resolver behind it, on the embedded broker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from mneme_common.contracts.topics import TopicNames
from mneme_common.testing.addresses import free_port
from mneme_common.testing.waiting import eventually_blocking
from mneme_launcher.incarnation import Incarnation, IncarnationRegistry
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.processes import Processes, ServiceProcess

PARTITIONS = 4
_START_SECONDS = 100.0


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """A gateway that answers."""

    process: ServiceProcess
    url: str

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A client of it."""
        # Nothing is encrypted here, and loading certificates would cost more than most tests.
        return httpx.AsyncClient(base_url=self.url, timeout=45.0, headers=headers, verify=False)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a gateway needs around it; resolvers and gateways are started as the test wants them."""

    database: MnemeDatabase
    processes: Processes
    topic_prefix: str

    @property
    def registry(self) -> IncarnationRegistry:
        """Where starts of the embedded broker are announced."""
        return IncarnationRegistry(self.database.writer_url)

    def announce_broker(self, bootstrap: str) -> Incarnation:
        """Opens an incarnation on the broker, with its topics; not to be called while a loop runs."""
        return asyncio.run(self.open_broker(bootstrap))

    async def open_broker(self, bootstrap: str) -> Incarnation:
        """The same inside a loop."""
        await create_topics(bootstrap, PARTITIONS, names=TopicNames(self.topic_prefix))
        incarnation = self.registry.announce(bootstrap, PARTITIONS)
        self.registry.open(incarnation)
        return incarnation

    def environment(self) -> dict[str, str]:
        """What every service is told in embedded mode."""
        return {
            "MNEME_KAFKA_TOPIC_PREFIX": self.topic_prefix,
            "MNEME_KAFKA_FETCH_MAX_WAIT_MS": "10",
            "MNEME_KAFKA_ASSIGNMENT": "all",
            "MNEME_ENCRYPTION_KEY": self.database.encryption_key,
        }

    def worker(self, name: str, **extra: str) -> ServiceProcess:
        """A worker process."""
        urls = {"MNEME_WRITER_DATABASE_URL": self.database.writer_url}
        return self.processes.service(name, self.environment() | urls | extra)

    def gateway(self, extra: Mapping[str, str] | None = None) -> RunningGateway:
        """A gateway process that answers."""
        port = free_port()
        own = {"MNEME_READER_DATABASE_URL": self.database.reader_url, "MNEME_HTTP_PORT": str(port)}
        process = self.processes.service("gateway", self.environment() | own | dict(extra or {}))
        url = f"http://127.0.0.1:{port}"
        eventually_blocking(lambda: _answers(url, process), within=_START_SECONDS, message="the gateway answers")
        return RunningGateway(process, url)


def _answers(url: str, process: ServiceProcess) -> bool:
    if process.exit_code is not None:
        raise RuntimeError(f"the gateway ended: {process.log.read_text(errors='replace')[-4000:]}")
    try:
        return httpx.get(f"{url}/healthz/live", verify=False).status_code == 200
    except httpx.TransportError:
        return False
