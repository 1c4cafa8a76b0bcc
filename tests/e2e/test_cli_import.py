"""`mneme import` against a running stack: everything arrives once, with its people and its dates."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from mneme_common.testing.waiting import eventually_blocking
from tests.e2e.conftest import CommandLine
from tests.fixtures.dialogue import DIALOGUE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A thousand messages of one user as JSON lines."""
    path = tmp_path / "many.jsonl"
    lines = [
        json.dumps({"role": "user", "content": f"Message number {number}.", "conversation_id": "long"})
        for number in range(1_000)
    ]
    path.write_text("\n".join(lines))
    return path


def _said(mneme: CommandLine, conversation: str) -> list[str]:
    """What the server has of a conversation, in order."""
    said: list[str] = []
    cursor = None
    while True:
        page = httpx.get(
            f"{mneme.url}/v1/conversations/{conversation}/messages",
            params={"user_id": mneme.user, "limit": 500, **({"cursor": cursor} if cursor else {})},
            timeout=30,
        ).json()
        said += [message["content"] for message in page["messages"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return said


def test_a_dialogue_arrives_with_its_people_and_dates(mneme: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "locomo.json"
    file.write_text(json.dumps(DIALOGUE))
    done = mneme("import", str(file))
    (best,) = mneme("search", "half marathon finished", "--json", "-n", "1", "--kind", "message").json["results"]
    assert (done.status, "24 recorded" in done.out) == (0, True)
    assert (best["name"], best["occurred_at"][:16], best["session_id"]) == ("Tomas", "2024-03-21T09:30", "session_2")


def test_a_second_run_sends_nothing_and_says_so(mneme: CommandLine, many: Path) -> None:
    first = mneme("import", str(many), "--json").json
    second = mneme("import", str(many), "--json").json
    assert (first["recorded"], second["recorded"], second["already_there"]) == (1_000, 0, 1_000)


def test_a_run_without_the_memory_of_the_first_writes_nothing_twice(mneme: CommandLine, many: Path) -> None:
    mneme("import", str(many), "--limit", "250")
    for checkpoint in mneme.state.rglob("*.json"):
        checkpoint.unlink()
    again = mneme("import", str(many), "--json").json
    assert (again["recorded"], again["already_there"], len(_said(mneme, "long"))) == (750, 250, 1_000)


def test_an_import_that_is_killed_goes_on_where_it_was(mneme: CommandLine, many: Path) -> None:
    killed = mneme.start("import", str(many))
    eventually_blocking(lambda: any(mneme.state.rglob("imports/*.json")), within=60, message="a batch is done")
    killed.kill()
    killed.communicate()
    again = mneme("import", str(many), "--json").json
    said = _said(mneme, "long")
    assert (again["recorded"] + again["already_there"], again["already_there"] >= 100) == (1_000, True)
    assert sorted(said) == sorted(f"Message number {number}." for number in range(1_000))


def test_a_mark_of_a_server_that_has_lost_everything_is_not_believed(mneme: CommandLine, many: Path) -> None:
    mneme("import", str(many), "--limit", "100")
    (checkpoint,) = mneme.state.rglob("imports/*.json")
    marks = json.loads(checkpoint.read_text())
    marks["0"] |= {"batches": 30, "last_size": 100, "message_id": "01a1fc10-0000-7000-8000-000000000000"}
    checkpoint.write_text(json.dumps(marks))
    assert mneme("import", str(many), "--json").json["recorded"] == 900


def test_messages_that_cannot_be_taken_are_named_and_the_others_arrive(mneme: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    lines = [
        {"role": "user", "content": "My key is AKIAIOSFODNN7EXAMPLE."},
        {"role": "user", "content": "Good.", "conversation_id": "mixed"},
        {"role": "tool", "content": "42"},
        {"role": "user", "content": "   "},
        {"role": "user"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    done = mneme("import", str(file), "--json")
    refused = sorted(item["place"] for item in done.json["refused"])
    assert (done.status, done.json["recorded"], refused) == (1, 1, ["line 1", "line 3", "line 4", "line 5"])
    assert _said(mneme, "mixed") == ["Good."]


def test_a_dry_run_sends_nothing(mneme: CommandLine, many: Path) -> None:
    done = mneme("import", str(many), "--dry-run")
    listed = httpx.get(f"{mneme.url}/v1/conversations", params={"user_id": mneme.user}).json()
    assert (done.status, "1000 messages" in done.out, listed["total"]) == (0, True, 0)


def test_a_file_that_grows_is_one_import_under_its_name(mneme: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    line = json.dumps({"role": "user", "content": "Once more."})
    file.write_text(f"{line}\n" * 30)
    mneme("import", str(file), "--id", "log")
    file.write_text(f"{line}\n" * 35)
    again = mneme("import", str(file), "--id", "log", "--json").json
    assert (again["recorded"], again["already_there"]) == (5, 30)


@pytest.mark.parametrize(("content", "said"), [("", "empty"), ("[1", "not JSON")])
def test_a_file_in_no_known_format_is_refused_in_one_line(
    mneme: CommandLine, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "what.json"
    file.write_text(content)
    done = mneme("import", str(file))
    assert (done.status, said in done.err, done.err.count("\n"), done.out) == (2, True, 1, "")
