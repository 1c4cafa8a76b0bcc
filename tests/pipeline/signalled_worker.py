"""Runs a worker that sends itself a signal (SIGKILL, SIGSTOP) when it reaches a step for the n-th time.

python signalled_worker.py MODULE SIGNAL STEP N
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys

from mneme_common.runtime.stage import Step
from mneme_common.telemetry.logs import configure_logs


def main() -> None:
    """MODULE is a service's composition root; STEP one of runtime.stage.Step."""
    module_name, signal_name, step_name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    module = importlib.import_module(module_name)
    settings_name = next(name for name in vars(module) if name.endswith("Settings"))
    settings = vars(module)[settings_name]()
    configure_logs(module_name, level="INFO", form="json")
    left = count

    async def checkpoint(step: Step) -> None:
        nonlocal left
        if step == step_name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.Signals[signal_name])

    asyncio.run(module.run(settings, checkpoint=checkpoint))


if __name__ == "__main__":
    main()
