"""What tests leave running ends with them, even when they are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mneme_common.testing.waiting import eventually_blocking
from tests.fixtures import leftovers

_WAIT_FOR_EVER = "import threading; threading.Event().wait()"
_PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {_WAIT_FOR_EVER!r}])
print(child.pid, flush=True)
guard = subprocess.Popen([sys.executable, {leftovers.__file__!r}, str(os.getpid())], stdin=subprocess.PIPE)
{_WAIT_FOR_EVER}
"""
_TEST = f"""
import pathlib, subprocess, sys, threading

def test_that_leaves_a_child_behind():
    child = subprocess.Popen([sys.executable, "-c", {_WAIT_FOR_EVER!r}])
    pathlib.Path("child.new").write_text(str(child.pid))
    pathlib.Path("child.new").rename("child")
"""


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _start_pytest(folder: Path, root: Path, then: str) -> tuple[subprocess.Popen[bytes], int]:
    """A pytest of its own whose only test leaves a child behind, and the id of that child."""
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.fixtures.leftovers"]')
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {root}")
    (folder / "test_it.py").write_text(_TEST + then)
    running = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    eventually_blocking((folder / "child").exists, within=60, message="the child runs")
    return running, int((folder / "child").read_text())


def test_children_end_when_their_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert str(child) in eventually_blocking(parent.stdout.readline, message="the guard has looked around")
        parent.kill()
        eventually_blocking(lambda: _has_ended(child), within=30, message="the child has ended")


def test_children_end_when_pytest_is_told_to_stop(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    running, child = _start_pytest(tmp_path, pytestconfig.rootpath, "    threading.Event().wait()\n")
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == pytest.ExitCode.INTERRUPTED
    assert _has_ended(child)


def test_children_end_when_the_tests_are_over(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    running, child = _start_pytest(tmp_path, pytestconfig.rootpath, "")
    assert running.wait(60) == pytest.ExitCode.OK
    assert _has_ended(child)
