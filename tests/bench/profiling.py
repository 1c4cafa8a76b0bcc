"""Where the services' time goes while a scenario runs: stacks sampled by py-spy, one file a service."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.fixtures.stacks import SERVICES, StackProcess

_SAMPLES_A_SECOND = 200
_SHOWN = 15


@contextlib.contextmanager
def profiled(stack: StackProcess, folder: Path) -> Iterator[None]:
    """Writes ``<service>.folded`` (for flame graphs) while the block runs, and prints where most time was spent."""
    folder.mkdir(parents=True, exist_ok=True)
    watching = {
        folder / f"{service}.folded": _watch(process.pid, folder / f"{service}.folded")
        for service in SERVICES
        for process in stack.children(f"mneme_{service}.main")
    }
    try:
        yield
    finally:
        for recorder in watching.values():
            recorder.send_signal(signal.SIGINT)
        for path, recorder in watching.items():
            recorder.wait(30)
            sys.stdout.write(f"{path}\n{_summary(path)}\n")


def _watch(pid: int, path: Path) -> subprocess.Popen[bytes]:
    spy = Path(sys.executable).with_name("py-spy")
    options = ["--rate", str(_SAMPLES_A_SECOND), "--format", "raw", "--nonblocking", "--output", str(path)]
    return subprocess.Popen(
        [str(spy), "record", "--pid", str(pid), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _summary(path: Path) -> str:
    """The functions in which, or below which, most samples were taken."""
    if not path.exists():
        return "  nothing recorded: py-spy may need the right to read other processes"
    below: Counter[str] = Counter()
    total = 0
    for line in path.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        total += int(count)
        below.update(dict.fromkeys({frame.rsplit(":", 1)[0] for frame in stack.split(";")}, int(count)))
    ours = [(frame, count) for frame, count in below.most_common() if "mneme_" in frame][:_SHOWN]
    return "\n".join(f"  {count / total:6.1%}  {frame})" for frame, count in ours)
