"""The other commands against a running stack, as a newcomer types them and as a script reads them."""

from __future__ import annotations

import dataclasses

import pytest

from mneme_common.testing.addresses import free_port
from mneme_common.testing.waiting import eventually_blocking
from tests.e2e.conftest import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _memory(mneme: CommandLine, text: str) -> str:
    """The id of a memory that is extracted from ``text``."""
    assert mneme("add", text).status == 0
    listed = eventually_blocking(
        lambda: mneme("list", "--json").json["items"], within=60, every=0.2, message="a memory is extracted"
    )
    return str(listed[0]["memory_id"])


def test_what_is_added_is_found_with_score_day_and_speaker(mneme: CommandLine) -> None:
    mneme("add", "The heron stood in the reeds.", "--name", "Ada", "--at", "2024-03-01T12:00:00Z")
    done = mneme("search", "heron")
    heading, hit = done.out.splitlines()
    assert (done.status, heading.split()) == (0, ["score", "kind", "when", "who", "text"])
    assert hit.split(maxsplit=4)[1:] == ["message", "2024-03-01", "Ada", "The heron stood in the reeds."]


def test_what_was_said_cannot_drive_the_terminal(mneme: CommandLine) -> None:
    mneme("add", "A heron \x1b[2J[bold]in the reeds[/bold].")
    assert "A heron \ufffd[2J[bold]in the reeds[/bold]." in mneme("search", "heron").out


def test_explain_says_what_a_score_is_made_of(mneme: CommandLine) -> None:
    mneme("add", "The heron stood in the reeds.")
    assert "words" in mneme("search", "heron", "--explain").out


def test_json_is_all_that_goes_to_stdout(mneme: CommandLine) -> None:
    mneme("add", "The heron stood in the reeds.", "--json")
    found = mneme("search", "heron", "--json")
    assert [hit["content"] for hit in found.json["results"]] == ["The heron stood in the reeds."]


def test_a_context_is_printed_line_by_line_within_its_budget(mneme: CommandLine) -> None:
    mneme("add", "The heron stood in the reeds.", "--name", "Ada", "--at", "2024-03-01T12:00:00Z")
    done = mneme("context", "heron", "--budget", "50")
    assert (done.status, done.out) == (0, "[1] 2024-03-01 Ada: The heron stood in the reeds.\n")
    assert ("of 50 tokens" in done.err, mneme("context", "heron", "--budget", "5").out) == (True, "")


def test_nothing_found_names_the_user_who_was_searched(mneme: CommandLine) -> None:
    done = mneme("search", "heron")
    assert (done.status, mneme.user in done.out) == (0, True)


def test_a_memory_is_forgotten_and_its_history_stays(mneme: CommandLine) -> None:
    memory_id = _memory(mneme, "I live in Berlin.")
    mneme("forget", memory_id, "--yes", "--reason", "moved")
    history = mneme("history", memory_id, "--json").json["versions"]
    assert (mneme("get", memory_id).status, mneme("list", "--json").json["items"]) == (1, [])
    assert [(version["op"], version["reason"]) for version in history] == [("create", None), ("forget", "moved")]


def test_a_memory_is_taught_corrected_and_forgotten_in_words(mneme: CommandLine) -> None:
    taught = mneme("teach", "The shed is green.", "--label", "garden", "--json").json
    corrected = mneme("correct", "The shed is blue.", "--query", "colour of the shed", "--json").json
    assert mneme("correct", "The shed is blue.").status == 2
    assert mneme("correct", "Red.", "--query", "quarterly revenue").status == 1
    assert mneme("forget", "--query", "shed", "--yes").status == 0
    history = mneme("history", taught["memory_id"], "--json").json["versions"]
    assert (corrected["replaced_id"], [version["op"] for version in history]) == (
        taught["memory_id"],
        ["teach", "correct", "forget"],
    )


def test_history_says_why_on_request(mneme: CommandLine) -> None:
    memory_id = _memory(mneme, "I live in Berlin.")
    told = mneme("history", memory_id, "--why").out
    assert ('"I live in Berlin."' in told, "decided: create, nothing similar, proposed by rules" in told) == (
        True,
        True,
    )


def test_forgetting_without_anybody_to_ask_takes_a_yes(mneme: CommandLine) -> None:
    done = mneme("forget", "01a1fc10000070008000000000000000")
    assert (done.status, "--yes" in done.err) == (2, True)


def test_a_memory_can_be_stored_as_it_is(mneme: CommandLine) -> None:
    mneme("add", "The code of the bicycle shed is in the blue box.", "--as-it-is")
    (memory,) = mneme("list", "--json").json["items"]
    assert (memory["content"], memory["source"]) == ("The code of the bicycle shed is in the blue box.", "api")


def test_a_refusal_is_one_line_and_the_status_one(mneme: CommandLine) -> None:
    done = mneme("get", "01a1fc10-0000-7000-8000-000000000000")
    assert (done.status, done.out, done.err.count("\n"), "not found" in done.err) == (1, "", 1, True)


def test_a_refusal_is_an_object_for_programs(mneme: CommandLine) -> None:
    done = mneme("get", "nonsense", "--json")
    assert (done.status, done.out, '"code": "BAD_ID"' in done.err) == (1, "", True)


def test_a_server_that_does_not_answer_is_named_with_what_to_do(mneme: CommandLine) -> None:
    away = dataclasses.replace(mneme, url=f"http://127.0.0.1:{free_port()}")
    done = away("search", "heron")
    assert (done.status, away.url in done.err, "make up" in done.err, "Traceback" in done.err) == (3, True, True, False)


@pytest.mark.parametrize(
    "arguments", [["search"], ["nonsense"], ["search", "x", "--top", "0"], ["search", "--url", "x", "y"]]
)
def test_a_wrong_call_is_explained_with_the_status_two(mneme: CommandLine, arguments: list[str]) -> None:
    done = mneme(*arguments)
    assert (done.status, done.out, "Traceback" in done.err) == (2, "", False)


def test_keys_are_made_listed_rotated_and_revoked(mneme: CommandLine) -> None:
    made = mneme("keys", "create", "laptop", "--json").json
    rotated = mneme("keys", "rotate", made["key_id"], "--json").json
    listed = [key["key_id"] for key in mneme("keys", "list", "--json").json["keys"]]
    revoked = mneme("keys", "revoke", rotated["key_id"])
    assert (made["raw_key"][:3], listed, revoked.status) == ("sk-", [rotated["key_id"]], 0)
    assert mneme("keys", "list", "--json").json["keys"] == []


def test_the_demonstration_shows_everything_it_promises(mneme: CommandLine) -> None:
    done = mneme("demo")
    parts = ("What was stored", "What was extracted", "What was corrected or forgotten", "Questions", "Try it yourself")
    assert (done.status, [part for part in parts if part not in done.out]) == (0, [])
    shown = (
        "decided: update, same identity",
        "Maya lives in Hamburg.",
        "Maya lives in Bremen.",
        "(forgotten)",
        "[email]",
        "I'm allergic to peanuts",
    )
    assert [words for words in shown if words not in done.out] == []


def test_why_shows_the_rule_and_undo_goes_back_and_forth(mneme: CommandLine) -> None:
    memory_id = _memory(mneme, "I live in Berlin.")
    why = mneme("why", memory_id)
    assert (why.status, "create" in why.out, "I live in Berlin" in why.out) == (0, True, True)
    assert mneme("why", memory_id, "--json").json["thresholds"] == {"update": 0.8, "upsert": 0.55}
    assert "forgotten" in mneme("undo", memory_id, "--reason", "a joke").out
    assert mneme("list", "--json").json["items"] == []
    again = mneme("undo", memory_id, "--json").json
    assert (again["action"], again["version"], again["is_active"]) == ("restored", 3, True)
    assert mneme("undo", memory_id, "--version", "1").status != 0
