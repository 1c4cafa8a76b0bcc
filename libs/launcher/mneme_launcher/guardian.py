"""A process beside the launcher that ends the launcher's children when the launcher itself was killed.

It reads from a pipe whose other end only the launcher holds: the end of that pipe is the launcher's end, however it
came. A signal tied to the parent's death would do on Linux alone, and would also strike when a mere thread ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from mneme_launcher.offspring import end_offspring


def start_guardian(file: Path) -> subprocess.Popen[bytes]:
    """Starts it for the children listed in `file`. Removing the file tells it that there is nothing to do."""
    return subprocess.Popen(
        [sys.executable, "-m", "mneme_launcher.guardian", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def main() -> None:
    """Waits for the end of standard input, then ends the children."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    while os.read(sys.stdin.fileno(), 4096):
        continue
    end_offspring(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
