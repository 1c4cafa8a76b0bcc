"""The same broker out of a container image, for machines with Docker and without a JDK."""

from __future__ import annotations

from testcontainers.core.container import DockerContainer

from mneme_common.testing.addresses import free_port, listening
from mneme_common.testing.kafka_artifacts import KAFKA_VERSION, KafkaUnavailableError
from mneme_common.testing.waiting import eventually_blocking

_START_LIMIT_S = 120.0
_CONTROLLER = "127.0.0.1:9093"


class DockerKafkaBroker:
    """One broker in a container; its data lives as long as the object is not stopped."""

    def __init__(self) -> None:
        self._port = free_port()
        self._container: DockerContainer | None = None

    @property
    def bootstrap(self) -> str:
        """host:port, the same for the life of this object."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, or start again after `kill`. Raises KafkaUnavailableError where Docker does not answer."""
        if self._container is not None:
            self._container.get_wrapped_container().start()
        else:
            self._container = self._run()
        eventually_blocking(lambda: listening(self._port), within=_START_LIMIT_S, message="Kafka is up")

    def stop(self) -> None:
        """End and remove the container with its data."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()

    def kill(self) -> None:
        """End at once, as a crash would; `start` continues with the same data."""
        self._running().get_wrapped_container().kill()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing is answered."""
        self._running().get_wrapped_container().pause()

    def resume(self) -> None:
        """Let a frozen broker go on."""
        self._running().get_wrapped_container().unpause()

    def _running(self) -> DockerContainer:
        if self._container is None:
            raise RuntimeError("the broker is not running")
        return self._container

    def _run(self) -> DockerContainer:
        settings = {
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_NODE_ID": "1",
            "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:9092,CONTROLLER://{_CONTROLLER}",
            "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{self.bootstrap}",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@{_CONTROLLER}",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        }
        try:
            container = DockerContainer(f"apache/kafka:{KAFKA_VERSION}").with_bind_ports(9092, self._port)
            for name, value in settings.items():
                container = container.with_env(name, value)
            return container.start()
        except Exception as error:
            raise KafkaUnavailableError(f"Docker cannot run Kafka: {error}") from error
