"""What a killed launcher leaves behind is ended: by its guardian, or by the next launcher."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from mneme_common.testing.waiting import eventually_blocking
from mneme_launcher.offspring import Offspring, end_leftovers


def _kill_launcher(folder: Path, *options: str) -> list[int]:
    """Starts a launcher with two children, kills it with SIGKILL, and names the children."""
    launcher = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.launcher.orphaning_launcher", str(folder), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    with launcher:
        assert launcher.stdout is not None
        lines = [launcher.stdout.readline() for _ in range(3)]
        launcher.kill()
    assert lines[2].startswith("ready")
    return [int(line) for line in lines[:2]]


def _living(pids: list[int]) -> list[int]:
    living = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                living.append(pid)
        except psutil.NoSuchProcess:
            continue
    return living


def test_children_of_a_killed_launcher_are_ended_by_its_guardian(tmp_path: Path) -> None:
    children = _kill_launcher(tmp_path, "guarded")
    eventually_blocking(lambda: not _living(children))
    eventually_blocking(lambda: not list(tmp_path.iterdir()))


def test_children_that_nobody_guarded_are_ended_by_the_next_launcher(tmp_path: Path) -> None:
    children = _kill_launcher(tmp_path)
    before = _living(children)
    ended = end_leftovers(tmp_path)
    assert (before, ended, _living(children), list(tmp_path.iterdir())) == (children, 2, [], [])


def test_a_stranger_with_a_recycled_process_id_is_left_alone(tmp_path: Path) -> None:
    children = _kill_launcher(tmp_path)
    file = next(tmp_path.iterdir())
    file.write_text(file.read_text().replace('"created": 1', '"created": 9'))
    ended = end_leftovers(tmp_path)
    survivors = _living(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    assert (ended, survivors) == (0, children)


def test_children_that_ended_in_order_leave_no_list(tmp_path: Path) -> None:
    offspring = Offspring(tmp_path)
    offspring.add(os.getpid(), turn=0, ask=signal.SIGTERM, patience_s=1)
    offspring.remove(os.getpid())
    offspring.forget()
    assert (end_leftovers(tmp_path), list(tmp_path.iterdir())) == (0, [])
