"""One service as a child process: started, watched, started again when it dies, drained at the end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time

import psutil

from mneme_launcher.backoff import failures_in_a_row, restart_delay
from mneme_launcher.console import Console
from mneme_launcher.offspring import Offspring
from mneme_launcher.service_plan import ServicePlan

DRAIN_PATIENCE_S = 20.0
_TURN = 0  # services are ended before the broker and the database


class ServiceProcess:
    """Keeps one service running until it is told to stop."""

    def __init__(self, plan: ServicePlan, console: Console, offspring: Offspring) -> None:
        self.name = plan.name
        self.failures = 0
        self._plan = plan
        self._console = console
        self._offspring = offspring
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    def start(self) -> None:
        """Starts the service and a task that keeps it running."""
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def stop(self) -> None:
        """Lets the service drain, kills it when it takes too long, and returns when it is gone."""
        self._stopping.set()
        if self.pid is not None and self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._child.wait(), DRAIN_PATIENCE_S)
            except TimeoutError:
                self._console.say(f"{self.name} did not drain within {DRAIN_PATIENCE_S:.0f} s: killed")
                self.kill()
        if self._keeper is not None:
            await self._keeper

    def kill(self) -> None:
        """Ends the service at once."""
        self._stopping.set()
        if self.pid is not None and self._child is not None:
            self._child.kill()

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            status = await self._run_once()
            if self._stopping.is_set():
                return
            self.failures = failures_in_a_row(self.failures, time.monotonic() - started)
            delay = restart_delay(self.failures)
            self._console.say(f"{self.name} ended ({_reason(status)}): starting it again in {delay:g} s")
            await self._pause(delay)

    async def _run_once(self) -> int:
        self._child = child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._plan.module,
            env=dict(self._plan.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal must reach the launcher alone, which stops in order
        )
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(child.pid).nice(self._plan.niceness)
        self._offspring.add(child.pid, turn=_TURN, ask=signal.SIGTERM, patience_s=DRAIN_PATIENCE_S / 4)
        if child.stdout is not None:
            await self._console.pump(self.name, child.stdout)
        status = await child.wait()
        self._offspring.remove(child.pid)
        return status

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _reason(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
