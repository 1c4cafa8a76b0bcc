"""One running stack for the tests that only talk to it, and the command line pointed at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mneme_common.testing.addresses import free_port
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON value and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """The `mneme` program, as one user, with a state directory of its own."""

    url: str
    user: str
    state: Path

    def environment(self) -> dict[str, str]:
        """What the program finds in its environment."""
        outer = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
        return {**outer, "MNEME_URL": self.url, "MNEME_USER": self.user, "XDG_STATE_HOME": str(self.state)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The program, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "mneme_cli.main", *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str) -> Finished:
        """Runs it to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return Finished(process.returncode, out, err)


@pytest.fixture(scope="session")
def stack_url() -> Iterator[str]:
    """The URL of a running stack that tests share: MNEME_TEST_URL, or one that is started for them."""
    if named := os.environ.get("MNEME_TEST_URL"):
        yield named
        return
    with temporary_home() as home:
        stack = StackProcess(home, free_port())
        stack.start()
        yield stack.url
        stack.stop()


@pytest.fixture
def mneme(stack_url: str, tmp_path: Path) -> CommandLine:
    """The command line of a user whom no other test knows."""
    return CommandLine(stack_url, f"u{uuid.uuid4().hex[:12]}", tmp_path)
