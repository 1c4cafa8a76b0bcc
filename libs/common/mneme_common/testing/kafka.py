"""A real Apache Kafka broker for tests: one KRaft node in a process of its own, without Docker.

Its address and its data survive `kill` and `stop`, as those of a real broker would.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from mneme_common.testing.addresses import free_port, listening
from mneme_common.testing.kafka_artifacts import class_path, java
from mneme_common.testing.waiting import eventually_blocking

_CLUSTER_ID = "bW5lbWUtdGVzdC1rYWZrYQ"
_START_LIMIT_S = 120.0
_STOP_LIMIT_S = 20.0

_JVM = (
    "-Xms64m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # the broker lives for minutes: quick start beats peak speed
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)

_SETTINGS = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller_port}
log.dirs={data}
num.partitions=4
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
controlled.shutdown.enable=true
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
log.cleaner.dedupe.buffer.size=8388608
"""


class KafkaBroker:
    """One broker with its data and its log (broker.log) in `home`.

    Not for use from several threads. Topics are not created by producing to them, as in production.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port, the same for the life of this object."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The process, or None while it is not running."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start, formatting the storage on first use; returns when the broker accepts connections.

        Raises KafkaUnavailableError without Java or the artifacts, RuntimeError with the end of the log if
        the broker does not come up.
        """
        if self._process is not None:
            raise RuntimeError("the broker is running already")
        command = [java(), *_JVM, "-cp", class_path()]
        settings = self._home / "server.properties"
        if not settings.exists():
            self._format(command, settings)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "kafka.Kafka", str(settings)], stdout=log, stderr=log, start_new_session=True
            )
        try:
            eventually_blocking(self._accepts, within=_START_LIMIT_S, every=0.05, message="Kafka is up")
        except (AssertionError, RuntimeError) as error:
            self.kill()
            raise RuntimeError(f"{error}\n{self._log.read_text()[-4000:]}") from error

    def stop(self) -> None:
        """End in order. Does nothing if it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End at once, as a crash would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the process: connections stay open and nothing is answered. Returns when all its threads stand."""
        os.waitpid(self._signal(signal.SIGSTOP), os.WUNTRACED)

    def resume(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    @property
    def _log(self) -> Path:
        return self._home / "broker.log"

    def _format(self, command: list[str], settings: Path) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        settings.write_text(
            _SETTINGS.format(port=self._port, controller_port=self._controller_port, data=self._home / "data")
        )
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER_ID, "-c", str(settings)]
        subprocess.run([*command, *tool], check=True, capture_output=True, timeout=_START_LIMIT_S)

    def _accepts(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"Kafka ended with exit code {self._process.returncode}")
        return listening(self._port)

    def _signal(self, number: signal.Signals) -> int:
        if self._process is None:
            raise RuntimeError("the broker is not running")
        os.kill(self._process.pid, number)
        return self._process.pid

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)  # a frozen process would not see the end signal
        process.send_signal(number)
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
