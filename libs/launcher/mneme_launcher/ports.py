"""Ports of this machine: whether the API's is free, and some for the workers that stay the same."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Collection, Sequence
from pathlib import Path

from mneme_launcher.errors import StackError

LOOPBACK = "127.0.0.1"


def require_free(host: str, port: int) -> None:
    """Raises a StackError that says what to choose instead when we cannot listen there."""
    try:
        _listen(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise StackError(f"cannot listen on MNEME_HTTP_HOST={host}, port {port}: {error.strerror}") from error
        raise StackError(
            f"port {port} of {host} is in use: choose another with MNEME_HTTP_PORT=... "
            "(and MNEME_HOME=... if another instance of Mneme has it)"
        ) from error


def _listen(host: str, port: int) -> None:
    """Takes the port for a moment; raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen()


def _is_free(port: int) -> bool:
    try:
        _listen(LOOPBACK, port)
    except OSError:
        return False
    return True


def worker_ports(file: Path, workers: Sequence[str]) -> dict[str, int]:
    """A port for each worker: the one it had before while that is free, so that what watches it finds it again."""
    remembered = _remembered(file)
    chosen: dict[str, int] = {}
    for worker in workers:
        before = remembered.get(worker)
        if isinstance(before, int) and before not in chosen.values() and _is_free(before):
            chosen[worker] = before
        else:
            chosen[worker] = _any_port(taken=chosen.values())
    file.write_text(json.dumps(chosen) + "\n")
    return chosen


def _remembered(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _any_port(taken: Collection[int]) -> int:
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
