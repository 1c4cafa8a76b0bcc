"""One service as a child process."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from mneme_common.testing.waiting import eventually
from mneme_launcher import service_process
from mneme_launcher.console import Console
from mneme_launcher.offspring import Offspring
from mneme_launcher.service_plan import ServicePlan
from mneme_launcher.service_process import ServiceProcess

Make = Callable[[str], ServiceProcess]


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def make(shown: io.StringIO, tmp_path: Path) -> Make:
    def service(behaviour: str) -> ServiceProcess:
        environment = {**os.environ, "BEHAVIOUR": behaviour}
        plan = ServicePlan("resolver", "tests.integration.launcher.stubborn_service", environment)
        return ServiceProcess(plan, Console(shown), Offspring(tmp_path))

    return service


async def test_a_service_that_is_stopped_may_drain_first(make: Make, shown: io.StringIO) -> None:
    service = make("obeys")
    service.start()
    await eventually(lambda: "here is" in shown.getvalue())
    await service.stop()
    assert ("resolver  | drained" in shown.getvalue(), service.pid) == (True, None)


async def test_a_killed_service_is_started_again(make: Make, shown: io.StringIO) -> None:
    service = make("obeys")
    service.start()
    await eventually(lambda: "here is" in shown.getvalue())
    os.kill(service.pid or 0, signal.SIGKILL)
    await eventually(lambda: shown.getvalue().count("here is") == 2)
    await service.stop()
    assert "resolver ended (killed by SIGKILL): starting it again in 0.5 s" in shown.getvalue()


async def test_a_service_that_keeps_dying_is_counted_and_waited_for_longer(make: Make, shown: io.StringIO) -> None:
    service = make("dies")
    service.start()
    await eventually(lambda: service.failures == 2)
    await service.stop()
    assert "(exit status 3): starting it again in 1 s" in shown.getvalue()


async def test_a_service_that_does_not_drain_is_killed(
    make: Make, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_process, "DRAIN_PATIENCE_S", 0.2)
    service = make("ignores")
    service.start()
    await eventually(lambda: "here is" in shown.getvalue())
    await service.stop()
    assert ("did not drain" in shown.getvalue(), service.pid) == (True, None)


async def test_a_hurried_stop_does_not_wait_for_the_drain(make: Make, shown: io.StringIO) -> None:
    service = make("ignores")
    service.start()
    await eventually(lambda: "here is" in shown.getvalue())
    service.kill()
    async with asyncio.timeout(5):
        await service.stop()
    assert service.pid is None


async def test_stopping_while_waiting_for_a_restart_is_immediate(make: Make, shown: io.StringIO) -> None:
    service = make("dies")
    service.start()
    await eventually(lambda: "in 1 s" in shown.getvalue())
    async with asyncio.timeout(0.9):
        await service.stop()
    assert service.pid is None
