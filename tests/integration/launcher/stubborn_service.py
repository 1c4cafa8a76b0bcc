"""A program that stands for a service: says its name, then obeys SIGTERM, ignores it, or dies at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType


def _leave(_: int, __: FrameType | None) -> None:
    os.write(1, b"drained\n")
    sys.exit(0)


def main() -> None:
    """Behaves as the variable BEHAVIOUR says."""
    behaviour = os.environ["BEHAVIOUR"]
    signal.signal(signal.SIGTERM, signal.SIG_IGN if behaviour == "ignores" else _leave)
    os.write(1, b"here is %d\n" % os.getpid())
    if behaviour == "dies":
        sys.exit(3)
    threading.Event().wait()


if __name__ == "__main__":
    main()
