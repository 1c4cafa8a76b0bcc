"""What operators see and do from the command line, on a running stack."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from mneme_common.testing.waiting import eventually_blocking
from tests.e2e.conftest import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _bootstrap(mneme: CommandLine) -> str:
    return str(mneme("status", "--json").json["pipeline"]["broker"]["bootstrap"])


def _poison(bootstrap: str, user: str, value: bytes) -> None:
    """Puts something on the turns topic that is no turn."""

    async def produce() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            await producer.send_and_wait("memory.turns.v1", key=f"default/{user}".encode(), value=value)

    asyncio.run(produce())


def _letter(mneme: CommandLine) -> str:
    """The id of the open dead letter of this user, once it lies there."""

    def found() -> str | None:
        items = mneme("dlq", "list", "--json", "--limit", "500").json["items"]
        return next((str(item["letter_id"]) for item in items if item["user_id"] == mneme.user), None)

    return eventually_blocking(found, within=60, every=0.2, message="the poison is buried")


def test_status_shows_every_stage_and_where_the_log_is(mneme: CommandLine) -> None:
    done = eventually_blocking(lambda: found if (found := mneme("status")).status == 0 else None, within=60, every=0.5)
    named = [stage for stage in ("resolver", "extractor", "embedder", "retention") if stage in done.out]
    assert (len(named), "unfinished:" in done.out, f"broker: {_bootstrap(mneme)}" in done.out) == (4, True, True)


def test_watching_prints_again_and_again_until_interrupted(mneme: CommandLine) -> None:
    watching = mneme.start("status", "--watch")
    assert watching.stdout is not None
    began = time.monotonic()
    seen = 0
    while seen < 2 and time.monotonic() - began < 60:
        seen += "unfinished:" in watching.stdout.readline()
    watching.send_signal(2)
    watching.communicate(timeout=30)
    assert (seen, watching.returncode) == (2, 0)


def test_poison_is_listed_with_its_reason_and_shown_with_its_bytes(mneme: CommandLine) -> None:
    _poison(_bootstrap(mneme), mneme.user, b'{"role": "user", "content": 7}')
    letter_id = _letter(mneme)
    listed, shown = mneme("dlq", "list").out, mneme("dlq", "show", letter_id)
    assert (f"{letter_id}  resolver" in listed, '{"role": "user", "content": 7}' in shown.out) == (True, True)


def test_a_letter_whose_cause_remains_is_not_resolved_by_sending_it_again(mneme: CommandLine) -> None:
    _poison(_bootstrap(mneme), mneme.user, b"no json")
    done = mneme("dlq", "redrive", _letter(mneme), "--wait", "2")
    assert (done.status, done.out.splitlines()[0]) == (1, "1 sent again, 0 resolved")


def test_redriving_nothing_in_particular_is_refused(mneme: CommandLine) -> None:
    done = mneme("dlq", "redrive")
    assert (done.status, "--stage" in done.err) == (2, True)


def test_a_letter_that_does_not_exist_is_not_found(mneme: CommandLine) -> None:
    assert mneme("dlq", "show", str(uuid.uuid4())).status == 1


def test_a_replay_finds_what_is_stored_equal_to_the_ledger(mneme: CommandLine) -> None:
    mneme("add", "I live in Berlin.")
    done = mneme("replay", "--verify", "--json")
    assert (done.status, done.json["result"]["equal"], done.json["result"]["users"]) == (0, True, 1)


def test_a_replay_says_in_words_what_it_compared(mneme: CommandLine) -> None:
    mneme("add", "I live in Berlin.")
    assert mneme("replay", "--verify").out.startswith("equal: ")


def test_what_was_said_is_read_again_and_compared_before_it_is_taken_over(mneme: CommandLine) -> None:
    mneme("add", "I live in Berlin.")
    eventually_blocking(lambda: "Berlin" in mneme("list").out, within=60)
    for taken in ((), ("--accept",)):
        done = mneme("reextract", "again", "--extractor", "rules", "--json") if not taken else mneme(
            "reextract", "again", "--accept", "--json")  # fmt: skip
        assert done.status == 0, done.err
        result = done.json["result"]
        assert (result["users"], result["added"], result["changed"], result["removed"]) == (1, 0, 0, 0)


def test_a_direct_producers_turns_are_found(mneme: CommandLine) -> None:

    environment = {**mneme.environment(), "MNEME_KAFKA_BOOTSTRAP": _bootstrap(mneme)}
    command = [sys.executable, str(EXAMPLES / "produce_turns.py"), "default", mneme.user]
    subprocess.run(command, env=environment, check=True, timeout=60)
    found = eventually_blocking(
        lambda: mneme("search", "learning Portuguese", "--json", "--kind", "message").json["results"], within=60
    )
    assert (found[0]["name"], found[0]["session_id"]) == ("Ada", "kafka")


def test_the_ten_lines_of_the_readme_run(mneme: CommandLine) -> None:

    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "ten_lines.py")],
        env=mneme.environment(),
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert "I live in Lisbon" in done.stdout
