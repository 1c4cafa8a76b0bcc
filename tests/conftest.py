"""Fixtures for every test: real servers, data of its own for each test, and a strict eye on the logs.

An entry stands after those whose modules it imports, so that pytest can explain failed assertions there too.
"""

from __future__ import annotations

import signal

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Interrupts reach what tests start: a run in the background of a shell would hand down that they are ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


pytest_plugins = [
    "tests.fixtures.leftovers",
    "tests.fixtures.homes",
    "tests.fixtures.report",
    "tests.fixtures.databases",
    "tests.fixtures.brokers",
    "tests.fixtures.logs",
    "tests.fixtures.dialogues",
    "tests.fixtures.clients",
    "tests.fixtures.processes",
]
