"""Keeps our PostgreSQL server running."""

from __future__ import annotations

import asyncio
import signal
import time

from mneme_launcher.backoff import failures_in_a_row, restart_delay
from mneme_launcher.console import Console
from mneme_launcher.errors import StackError
from mneme_launcher.offspring import Offspring
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.postgres_account import ROOT_STAND_IN

_CHECK_S = 0.2
_TURN = 2  # the last to be ended: everybody else writes to it
_PATIENCE_S = 15.0


class PostgresKeeper:
    """Starts the server again when it is gone. Its address stays the same, so clients only have to reconnect."""

    def __init__(self, server: PostgresServer, console: Console, offspring: Offspring) -> None:
        self._server = server
        self._console = console
        self._offspring = offspring
        self._noted: int | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the server takes connections; raises StackError when it does not come up."""
        self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)
        for folder in self._server.opened:
            self._console.say(f"we are root: the account {ROOT_STAND_IN} of PostgreSQL may now pass through {folder}")

    async def keep(self) -> None:
        """Runs until it is cancelled."""
        failures, started = 0, time.monotonic()
        while True:
            await asyncio.sleep(_CHECK_S)
            if self._server.is_running():
                continue
            failures = failures_in_a_row(failures, time.monotonic() - started)
            self._console.say("PostgreSQL ended: starting it again")
            await asyncio.sleep(restart_delay(failures))
            started = time.monotonic()
            try:
                await self.start()
                self._console.say("PostgreSQL is back")
            except StackError as error:
                self._console.say(str(error))

    async def stop(self) -> None:
        """Shuts the server down in an orderly way."""
        if self._starting is not None:  # a start goes on in its thread though its task was cancelled
            await asyncio.wait([self._starting])
        await asyncio.to_thread(self._server.stop)
        self._strike_out()

    async def _start(self) -> None:
        self._strike_out()
        await asyncio.to_thread(self._server.start)
        self._noted = self._server.pid
        if self._noted is not None:
            self._offspring.add(self._noted, turn=_TURN, ask=signal.SIGINT, patience_s=_PATIENCE_S)

    def _strike_out(self) -> None:
        if self._noted is not None:
            self._offspring.remove(self._noted)
            self._noted = None
