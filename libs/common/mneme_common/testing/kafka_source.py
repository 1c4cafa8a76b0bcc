"""Where the tests' Apache Kafka comes from, in order of preference.

MNEME_TEST_KAFKA (bootstrap servers of a running broker), then a JDK with Maven, then Docker.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mneme_common.testing.kafka import KafkaBroker
from mneme_common.testing.kafka_artifacts import KafkaUnavailableError, class_path, java


class RunningKafka(Protocol):
    """A broker that answers at `bootstrap` until it is stopped."""

    @property
    def bootstrap(self) -> str:
        """host:port, the same for the life of the broker."""

    def stop(self) -> None:
        """End in order, or leave it alone if somebody else runs it."""


class OwnKafka(RunningKafka, Protocol):
    """A broker of the test's own, which it may treat badly."""

    def start(self) -> None:
        """Start, or start again with the same address and data; returns when it accepts connections."""

    def kill(self) -> None:
        """End at once, as a crash would."""

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing is answered."""

    def resume(self) -> None:
        """Let a frozen broker go on."""


class ForeignKafka:
    """A broker that somebody else runs: it is used, never stopped."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def stop(self) -> None:
        """Leave it as it is."""


def shared_kafka(home: Path) -> RunningKafka:
    """A running broker for many tests. Raises KafkaUnavailableError naming what was tried."""
    named = os.environ.get("MNEME_TEST_KAFKA")
    return ForeignKafka(named) if named else own_kafka(home)


def own_kafka(home: Path) -> OwnKafka:
    """A new running broker with its data in `home`. Raises KafkaUnavailableError naming what was tried."""
    tried: list[str] = []
    for make in (lambda: _from_artifacts(home), _from_docker):
        broker = _attempt(make, tried)
        if broker is not None:
            return broker
    raise KafkaUnavailableError("; ".join(["MNEME_TEST_KAFKA is not set", *tried]))


def _attempt(make: Callable[[], OwnKafka], tried: list[str]) -> OwnKafka | None:
    try:
        broker = make()
        broker.start()
    except KafkaUnavailableError as error:
        tried.append(str(error))
        return None
    return broker


def _from_artifacts(home: Path) -> OwnKafka:
    java()
    class_path()
    return KafkaBroker(home)


def _from_docker() -> OwnKafka:
    # testcontainers looks for an engine when it is imported, which must not cost those who need none.
    from mneme_common.testing.kafka_docker import DockerKafkaBroker  # noqa: PLC0415

    return DockerKafkaBroker()
