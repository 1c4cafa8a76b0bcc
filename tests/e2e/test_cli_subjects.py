"""What data subjects may ask for, from the command line, on a running stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_an_export_has_everything_and_an_erasure_leaves_nothing_but_its_receipt(
    mneme: CommandLine, tmp_path: Path
) -> None:
    assert mneme("add", "Ann lives in Bremen.").status == 0
    into = tmp_path / "export.json"
    assert mneme("export", mneme.user, "--into", str(into)).status == 0
    assert [message["content"] for message in json.loads(into.read_text())["messages"]] == ["Ann lives in Bremen."]
    erased = mneme("erase", mneme.user, "--yes")
    assert erased.status == 0, erased.err
    receipt = erased.json["receipt"]
    assert (receipt["user_id"], receipt["key"], receipt["verified"]) == (mneme.user, "destroyed", True)
    assert mneme("export", mneme.user).json["messages"] == []
    trail = [event["event_type"] for event in mneme("audit", "--json").json["items"]]
    assert trail == ["SUBJECT_EXPORTED", "SUBJECT_ERASED", "SUBJECT_ERASURE_REQUESTED", "SUBJECT_EXPORTED"]
    assert "SUBJECT_ERASED" in mneme("audit", "--type", "SUBJECT_ERASED").out


def test_nothing_is_erased_where_nobody_says_that_he_is_sure(mneme: CommandLine) -> None:
    assert mneme("add", "Ann lives in Bremen.").status == 0
    assert mneme("erase", mneme.user).status != 0
    assert len(mneme("export", mneme.user).json["messages"]) == 1


def test_a_memory_is_rectified_and_a_wrong_call_is_told_so(mneme: CommandLine) -> None:
    memory = mneme("teach", "Ann lives in Bremen.", "--json").json
    done = mneme("rectify", mneme.user, "Ann lives in Bergen.", "--memory", memory["memory_id"])
    assert (done.status, done.json["receipt"]["rectified"]) == (0, 1)
    assert mneme("get", memory["memory_id"], "--json").json["status"] == "superseded"
    assert mneme("rectify", mneme.user, "Ann lives in Bergen.").status == 2
    unknown = mneme("rectify", mneme.user, "Bergen.", "--memory", "00000000-0000-7000-8000-000000000000")
    assert (unknown.status, unknown.json["receipt"]["refused"]) == (1, 1)


def test_what_was_known_before_is_shown_as_of_then(mneme: CommandLine) -> None:
    memory = mneme("teach", "Ann lives in Bremen.", "--json").json
    assert mneme("correct", "Ann lives in Bergen.", "--id", memory["memory_id"]).status == 0
    position = str(memory["position"])
    assert mneme("get", memory["memory_id"], "--as-of", position, "--json").json["content"] == "Ann lives in Bremen."
    then = mneme("list", "--as-of", position, "--json").json["items"]
    assert [item["content"] for item in then] == ["Ann lives in Bremen."]
    assert len(mneme("history", memory["memory_id"], "--as-of", position, "--json").json["versions"]) == 1
    now = mneme("list", "--json").json["items"]
    assert [item["content"] for item in now] == ["Ann lives in Bergen."]
