"""The embedded stack as a whole: up, kept up, and down in order."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from dataclasses import replace

import psutil

from mneme_launcher.backing import Backing
from mneme_launcher.console import Console
from mneme_launcher.errors import StackError
from mneme_launcher.guardian import start_guardian
from mneme_launcher.home import Home
from mneme_launcher.offspring import Offspring, end_leftovers
from mneme_launcher.ports import require_free, worker_ports
from mneme_launcher.private_files import write_private
from mneme_launcher.readiness import is_ready
from mneme_launcher.service_plan import STOP_ORDER, WORKERS, ServicePlan, plan_services
from mneme_launcher.service_process import ServiceProcess
from mneme_launcher.settings import StackSettings
from mneme_launcher.stack_secrets import StackSecrets, load_or_create

_POLL_S = 0.05
_HOPELESS_FAILURES = 3


class Stack:
    """One home and everything that runs for it."""

    def __init__(self, settings: StackSettings, home: Home, console: Console) -> None:
        self._settings = settings
        self._home = home
        self._console = console
        self._offspring = Offspring(home.run)
        self._guardian: subprocess.Popen[bytes] | None = None
        self._backing: Backing | None = None
        self._services: dict[str, ServiceProcess] = {}

    async def up(self, stopping: asyncio.Event) -> None:
        """Runs until `stopping` is set; everything is down when it returns.

        Raises:
            StackError: the home cannot be used, or a part does not come up; then, too, everything is down.
        """
        self._home.open()
        try:
            await self._clear_home()
            require_free(self._settings.http_host, self._settings.http_port)
            await self._run(stopping)
        finally:
            self._home.close()

    async def migrate(self) -> None:
        """Brings the database to this version, with nothing else running."""
        self._home.open()
        try:
            await self._clear_home()
            self._backing = self._make_backing(self._secrets())
            await self._backing.start_database()
        finally:
            await self._stop()
            self._home.close()

    def hurry(self) -> None:
        """Ends the services without waiting for them to drain: nothing accepted is lost by that."""
        for service in self._services.values():
            service.kill()

    async def _clear_home(self) -> None:
        ended = await asyncio.to_thread(end_leftovers, self._home.run)
        if ended:
            self._console.say(f"ended {ended} processes that a killed launcher had left behind")

    def _secrets(self) -> StackSecrets:
        own = load_or_create(self._home.secrets)
        given = self._settings.encryption_key
        return replace(own, encryption_key=given.get_secret_value()) if given else own

    def _make_backing(self, secrets: StackSecrets) -> Backing:
        return Backing(self._settings, self._home, secrets, self._console, self._offspring)

    async def _run(self, stopping: asyncio.Event) -> None:
        deadline = time.monotonic() + self._settings.start_timeout_s
        secrets = self._secrets()
        self._guardian = start_guardian(self._offspring.file)
        try:
            self._backing = self._make_backing(secrets)
            urls = await self._backing.start()
            ports = worker_ports(self._home.ports, WORKERS)
            first, others = plan_services(self._settings, urls, secrets.encryption_key, ports)
            self._console.say("starting the services")
            self._start_services(first)
            if await self._wait_until_ready(stopping, deadline):
                self._start_services(others)
                self._announce(ports)
            await self._wait_for_the_end(self._backing, stopping)
        finally:
            self._console.say("stopping")
            await self._stop()

    def _start_services(self, plans: list[ServicePlan]) -> None:
        for plan in plans:
            self._services[plan.name] = ServiceProcess(plan, self._console, self._offspring)
            self._services[plan.name].start()

    async def _wait_until_ready(self, stopping: asyncio.Event, deadline: float) -> bool:
        """True when the API answers, False when the stack is to stop before."""
        while not stopping.is_set():
            if await is_ready(self._settings.api_url):
                return True
            for service in self._services.values():
                if service.failures >= _HOPELESS_FAILURES:
                    raise StackError(f"{service.name} does not start; its last lines are above")
            if time.monotonic() > deadline:
                raise StackError(
                    f"the API was not ready after {self._settings.start_timeout_s:.0f} s; see the lines above"
                )
            await asyncio.sleep(_POLL_S)
        return False

    async def _wait_for_the_end(self, backing: Backing, stopping: asyncio.Event) -> None:
        waits = [asyncio.create_task(stopping.wait()), asyncio.create_task(backing.failure())]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()
        for wait in done:
            wait.result()

    async def _stop(self) -> None:
        for group in STOP_ORDER:
            await asyncio.gather(*(self._services[name].stop() for name in group if name in self._services))
        if self._backing is not None:
            await self._backing.stop()
        self._offspring.forget()
        (self._home.run / "stack.json").unlink(missing_ok=True)
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            await asyncio.to_thread(self._guardian.wait)

    def _announce(self, ports: dict[str, int]) -> None:
        seconds = time.time() - psutil.Process().create_time()
        url, say = self._settings.api_url, self._console.plain
        workers = ", ".join(f"{name} :{port}" for name, port in ports.items())
        say(f"\nMneme is up after {seconds:.1f} s.")
        say(f"  API      {url}")
        say(f"  Docs     {url}/docs")
        say(f"  Metrics  {url}/metrics; of the workers, at /metrics: {workers}")
        say(f"  Home     {self._home.path}")
        say("  Ctrl-C stops everything; what is stored stays.\n")
        facts = {"api": url, "workers": ports}
        write_private(self._home.run / "stack.json", json.dumps(facts) + "\n")
