"""Ending processes: asked first, then killed, and never a stranger that got a recycled process id."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass

import psutil

_CREATION_TOLERANCE_S = 1.0
_KILL_PATIENCE_S = 10.0
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process id with its creation time, which together name one process."""

    pid: int
    created: float


def mark(pid: int) -> ProcessMark | None:
    """The mark of a running process, None when it is gone."""
    try:
        return ProcessMark(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def find(marked: ProcessMark) -> psutil.Process | None:
    """The marked process while it lives; None when it ended or its id was taken by another."""
    try:
        process = psutil.Process(marked.pid)
        same = abs(process.create_time() - marked.created) < _CREATION_TOLERANCE_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def end(process: psutil.Process, ask: signal.Signals, patience_s: float) -> None:
    """Sends `ask`, waits for at most `patience_s`, then kills; returns when the process has ended."""
    try:
        process.send_signal(ask)
        if not _wait_for_end(process, patience_s):
            process.kill()
            _wait_for_end(process, _KILL_PATIENCE_S)
    except psutil.NoSuchProcess:
        return


def _wait_for_end(process: psutil.Process, patience_s: float) -> bool:
    """Waits until the process has ended. A zombie has: where nobody collects it, it stays one."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(_POLL_S)
    return False


def stop_child(child: subprocess.Popen[bytes], ask: signal.Signals, patience_s: float) -> None:
    """Like `end`, for a child of ours, whose exit status is collected."""
    if child.poll() is not None:
        return
    child.send_signal(ask)
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        kill_family(child)


def kill_family(child: subprocess.Popen[bytes]) -> None:
    """Kills a child of ours and everything it started, at once."""
    try:
        family = psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    child.kill()
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    child.wait(_KILL_PATIENCE_S)
