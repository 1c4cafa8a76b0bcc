"""Ports: the API's must be free, the workers' stay the same."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from mneme_launcher.errors import StackError
from mneme_launcher.ports import require_free, worker_ports


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_taken_port_is_refused_with_the_setting_that_changes_it() -> None:
    with _listener() as taken, pytest.raises(StackError, match="in use: choose another with MNEME_HTTP_PORT"):
        require_free("127.0.0.1", taken.getsockname()[1])


def test_a_free_port_is_accepted(free_port: int) -> None:
    require_free("127.0.0.1", free_port)


def test_an_address_of_another_machine_is_not_called_taken(free_port: int) -> None:
    with pytest.raises(StackError, match=r"cannot listen on MNEME_HTTP_HOST=192\.0\.2\.1"):
        require_free("192.0.2.1", free_port)


def test_workers_keep_their_ports_over_restarts(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    assert worker_ports(file, ["a", "b"]) == worker_ports(file, ["a", "b"])


def test_a_port_that_was_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    before = worker_ports(file, ["a", "b"])
    with socket.create_server(("127.0.0.1", before["a"])):
        after = worker_ports(file, ["a", "b"])
    assert (after["a"] != before["a"], after["b"]) == (True, before["b"])


@pytest.mark.parametrize("content", ["{", '{"a": "x"}', "[1]"])
def test_a_damaged_list_of_ports_is_written_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(content)
    assert worker_ports(file, ["a"])["a"] > 1023
