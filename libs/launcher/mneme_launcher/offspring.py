"""The list of our children on disk, so that they can be ended by somebody else when we are killed."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from mneme_launcher.private_files import write_private
from mneme_launcher.processes import ProcessMark, end, find, mark

_PATTERN = "children-*.json"


@dataclass(frozen=True, slots=True)
class Child:
    """A child process, in which turn to end it (lower first), how to ask it, and how long to wait."""

    pid: int
    created: float
    turn: int
    ask: int
    patience_s: float


class Offspring:
    """The children of this process, in a file of its own in the given folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / _PATTERN.replace("*", str(os.getpid()))
        self._children: dict[int, Child] = {}

    def add(self, pid: int, *, turn: int, ask: signal.Signals, patience_s: float) -> None:
        """Notes a child that was just started."""
        marked = mark(pid)
        if marked is not None:
            self._children[pid] = Child(pid, marked.created, turn, int(ask), patience_s)
            self._write()

    def remove(self, pid: int) -> None:
        """Strikes out a child that has ended."""
        if self._children.pop(pid, None) is not None:
            self._write()

    def forget(self) -> None:
        """Removes the file: all children have ended in an orderly way."""
        self.file.unlink(missing_ok=True)

    def _write(self) -> None:
        write_private(self.file, json.dumps([asdict(child) for child in self._children.values()]))


def end_leftovers(folder: Path) -> int:
    """Ends what launchers that were killed have left behind in this folder; the number of processes ended."""
    return sum(end_offspring(file) for file in folder.glob(_PATTERN))


def end_offspring(file: Path) -> int:
    """Ends the children listed in the file that still live, turn by turn, and removes it."""
    try:
        children = [Child(**entry) for entry in json.loads(file.read_text())]
    except FileNotFoundError:
        return 0
    ended = 0
    for turn in sorted({child.turn for child in children}):
        ended += _end_together([child for child in children if child.turn == turn])
    file.unlink(missing_ok=True)
    return ended


def _end_together(children: list[Child]) -> int:
    living = [(find(ProcessMark(child.pid, child.created)), child) for child in children]
    found = [(process, child) for process, child in living if process is not None]
    if not found:
        return 0
    with ThreadPoolExecutor(len(found)) as pool:
        for process, child in found:
            pool.submit(end, process, signal.Signals(child.ask), child.patience_s)
    return len(found)
