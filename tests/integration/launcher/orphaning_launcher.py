"""A program that stands for a launcher: starts two children, prints their ids and waits to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from mneme_launcher.guardian import start_guardian
from mneme_launcher.offspring import Offspring


def main() -> None:
    """Arguments: the folder of the list, and `guarded` if a guardian is to be started."""
    offspring = Offspring(Path(sys.argv[1]))
    guardian = start_guardian(offspring.file) if "guarded" in sys.argv else None  # held, or its pipe closes
    idle = [sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"]
    for turn in range(2):
        child = subprocess.Popen(idle, start_new_session=True)
        offspring.add(child.pid, turn=turn, ask=signal.SIGTERM, patience_s=0.2)
        os.write(1, b"%d\n" % child.pid)
    os.write(1, b"ready\n")
    threading.Event().wait()
    del guardian


if __name__ == "__main__":
    main()
