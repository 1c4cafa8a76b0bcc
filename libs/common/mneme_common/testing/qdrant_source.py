"""Where the tests' Qdrant comes from: MNEME_TEST_QDRANT_URL, then Docker, then the client's own local mode."""

from __future__ import annotations

import os
from typing import Protocol

from qdrant_client import AsyncQdrantClient

from mneme_common.adapters.vectors_qdrant import QdrantStore
from mneme_common.testing.addresses import listening
from mneme_common.testing.waiting import eventually_blocking

_IMAGE = "qdrant/qdrant:v1.17.0"  # the oldest that we support
_PORT = 6333
_START_LIMIT_S = 60.0


class QdrantSource(Protocol):
    """Makes stores that share nothing when their prefixes differ."""

    @property
    def origin(self) -> str:
        """What the tests run against, for the summary."""

    def store(self, prefix: str) -> QdrantStore:
        """A store whose collections start with ``prefix``."""

    def stop(self) -> None:
        """Ends what was started for the tests."""


class ServerSource:
    """A server that somebody else runs."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.origin = f"server at {url}"
        self._url = url
        self._api_key = api_key

    def store(self, prefix: str) -> QdrantStore:
        """See QdrantSource."""
        client = AsyncQdrantClient(url=self._url, api_key=self._api_key, timeout=10, check_compatibility=False)
        return QdrantStore(client, prefix=prefix)

    def stop(self) -> None:
        """Leaves the server as it is."""


class LocalSource:
    """The client's local mode: the same requests, answered in this process by Python."""

    origin = "LOCAL MODE OF THE CLIENT, no server (MNEME_TEST_QDRANT_URL is not set, Docker does not answer)"

    def store(self, prefix: str) -> QdrantStore:
        """See QdrantSource."""
        return QdrantStore(AsyncQdrantClient(location=":memory:"), local=True, prefix=prefix)

    def stop(self) -> None:
        """Nothing was started."""


class DockerSource(ServerSource):
    """A server in a container of our own; raises RuntimeError where Docker cannot run it."""

    def __init__(self) -> None:
        # testcontainers looks for an engine when it is imported, which must not cost those who need none.
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        try:
            self._container = DockerContainer(_IMAGE).with_exposed_ports(_PORT).start()
        except Exception as error:
            raise RuntimeError(f"Docker cannot run Qdrant: {error}") from error
        port = int(self._container.get_exposed_port(_PORT))
        eventually_blocking(lambda: listening(port), within=_START_LIMIT_S, message="Qdrant is up")
        super().__init__(f"http://127.0.0.1:{port}")
        self.origin = f"{_IMAGE} in Docker"

    def stop(self) -> None:
        """Removes the container."""
        self._container.stop()


def qdrant_source() -> QdrantSource:
    """The best Qdrant that this machine has."""
    url = os.environ.get("MNEME_TEST_QDRANT_URL")
    if url:
        return ServerSource(url, os.environ.get("MNEME_TEST_QDRANT_API_KEY"))
    try:
        return DockerSource()
    except RuntimeError:
        return LocalSource()
