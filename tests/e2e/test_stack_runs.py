"""`mneme-stack up`: what a newcomer sees, and what he finds again after whatever happened."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from mneme_common.testing.addresses import free_port as unused_port
from mneme_common.testing.addresses import listening
from mneme_common.testing.waiting import eventually_blocking
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def shared() -> Iterator[StackProcess]:
    """One stack for the tests of this file: starting one takes seconds."""
    with temporary_home() as home, StackProcess(home, unused_port()) as stack:
        yield stack


@pytest.fixture
def stack(shared: StackProcess) -> StackProcess:
    """The stack, running."""
    if not shared.is_running():
        shared.start()
    return shared


def _announcement(shown: str) -> list[str]:
    text = shown[shown.index("Mneme is up") :]
    return text[: text.index("Ctrl-C")].splitlines()


def _living(family: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _recorded(stack: StackProcess, content: str) -> None:
    """Sends until it is accepted and recorded: a part may be on its way back."""

    def sent() -> bool:
        try:
            answer = stack.record(content)
        except httpx.TransportError as error:
            raise AssertionError(f"no answer: {error!r}") from error
        assert answer.status_code in {201, 202}, answer.text
        return True

    eventually_blocking(sent, within=60, every=0.2, message=f"{content} is accepted")
    _found(stack, content)


def _found(stack: StackProcess, content: str) -> None:
    """Waits until it is among what is found for its own words; a record without its vector yet may stand low."""
    eventually_blocking(lambda: content in stack.find(content), within=60, every=0.2, message=f"{content} is found")


def test_it_says_in_ten_lines_where_everything_is(stack: StackProcess) -> None:
    said = _announcement(stack.shown)
    named = [address in "\n".join(said) for address in (stack.url, f"{stack.url}/docs", f"{stack.url}/metrics")]
    assert (len(said) < 10, named) == (True, [True] * 3)


def test_what_is_said_is_found_at_once(stack: StackProcess) -> None:
    answer = stack.record("Ada keeps bees in the garden.")
    assert (answer.status_code, stack.find("bees")[0]) == (201, "Ada keeps bees in the garden.")


def test_every_worker_answers_on_the_port_that_is_shown(stack: StackProcess) -> None:
    ports = re.findall(r"(\w+) :(\d+)", "\n".join(_announcement(stack.shown)))
    eventually_blocking(lambda: all(listening(int(port)) for _, port in ports), within=60)
    answers = {name: httpx.get(f"http://127.0.0.1:{port}/healthz/live").status_code for name, port in ports}
    assert answers == {"resolver": 200, "extractor": 200, "embedder": 200, "retention": 200}


def test_it_listens_on_this_machine_alone(stack: StackProcess) -> None:
    family = [stack.launcher, *stack.launcher.children(recursive=True)]
    links = [link for process in family for link in process.net_connections("inet")]
    assert {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_no_service_knows_the_owner_of_the_tables(stack: StackProcess) -> None:
    eventually_blocking(lambda: len(stack.services()) == 5, within=60)
    assert not any("mneme_owner" in str(service.environ()) for service in stack.services())


@pytest.mark.parametrize("part", ["mneme_resolver", "mneme_gateway", "tansu", "bin/postgres"])
def test_a_killed_part_is_back_and_nothing_is_lost(stack: StackProcess, part: str) -> None:
    before = f"Before the end of {part} there was a heron."
    _recorded(stack, before)
    stack.children(part)[0].kill()
    after = f"After the end of {part} there was an egret."
    _recorded(stack, after)
    _found(stack, before)


def test_an_interrupt_ends_every_process_and_all_is_there_after_a_restart(stack: StackProcess) -> None:
    _recorded(stack, "Ada plays the viola.")
    family = stack.launcher.children(recursive=True)
    status = stack.stop()
    left = _living(family)
    stack.start()
    _found(stack, "Ada plays the viola.")
    assert (status, left) == (0, [])


def test_after_a_kill_of_the_launcher_no_orphan_is_left_and_nothing_is_lost(stack: StackProcess) -> None:
    _recorded(stack, "Ada sails on Thursdays.")
    orphans = stack.launcher.children(recursive=True)
    stack.kill()
    stack.start()
    left = _living(orphans)
    _found(stack, "Ada sails on Thursdays.")
    assert left == []


def test_after_a_power_cut_nothing_is_lost(stack: StackProcess) -> None:
    _recorded(stack, "Ada reads Lucretius.")
    stack.kill_all()
    stack.start()
    _found(stack, "Ada reads Lucretius.")


def test_a_second_instance_runs_beside_the_first(stack: StackProcess, home: Path, free_port: int) -> None:
    with StackProcess(home, free_port) as second:
        second.start()
        _recorded(second, "Only here.")
        assert "Only here." not in stack.find("only here")


def test_a_second_launcher_on_the_same_home_is_refused(stack: StackProcess, free_port: int) -> None:
    with StackProcess(stack.home, free_port) as second:
        second.launch()
        assert (second.wait(), f"in use by process {stack.launcher.pid}" in second.shown) == (1, True)


def test_a_taken_port_is_named_before_anything_starts(stack: StackProcess, home: Path) -> None:
    with StackProcess(home, int(stack.url.rpartition(":")[2])) as second:
        second.launch()
        assert (second.wait(), "MNEME_HTTP_PORT" in second.shown, "PostgreSQL" in second.shown) == (1, True, False)


def test_a_home_of_a_newer_version_is_refused_with_instructions(home: Path, free_port: int) -> None:
    (home / "version").write_text("99.0.0\n")
    with StackProcess(home, free_port) as stack:
        stack.launch()
        assert (stack.wait(), "use Mneme 99.0.0 or newer" in stack.shown) == (1, True)


def test_a_wrong_setting_is_named_in_one_line(home: Path, free_port: int) -> None:
    with StackProcess(home, free_port, MNEME_PARTITIONS="many") as stack:
        stack.launch()
        assert (stack.wait(), stack.shown.count("\n")) == (1, 1)


def test_an_interrupted_start_leaves_nothing_behind(home: Path, free_port: int) -> None:
    with StackProcess(home, free_port) as stack:
        stack.launch()
        eventually_blocking(lambda: "starting the services" in stack.shown, within=60)
        family = stack.launcher.children(recursive=True)
        assert (stack.stop(), _living(family), listening(free_port)) == (0, [], False)


def test_a_second_interrupt_does_not_wait(stack: StackProcess) -> None:
    os.kill(stack.launcher.pid, signal.SIGINT)
    os.kill(stack.launcher.pid, signal.SIGINT)
    assert stack.wait() == 0
