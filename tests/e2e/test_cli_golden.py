"""`mneme golden` as somebody runs it over cases of their own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mneme_common.testing.addresses import free_port
from tests.e2e.conftest import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_CASES = """
- name: A case that holds
  given:
    - {know: "The heron stands in the reeds."}
  expect:
    - {search: heron, first: reeds}
- name: A case that does not hold
  given:
    - {know: "The heron stands in the reeds."}
    - {mark: here}
    - {forget: unicorn}
  expect:
    - {search: heron, first: reeds}
- name: A case whose expectation fails
  given:
    - {know: "The heron stands in the reeds."}
  expect:
    - {search: heron, has: [unicorn]}
    - {history: heron, decided: [update]}
    - {context: heron, as_of: never, has: [reeds]}
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Three cases, the first of which holds."""
    path = tmp_path / "mine.yaml"
    path.write_text(_CASES)
    return path


def test_cases_that_do_not_hold_are_named_with_what_was_there_instead(mneme: CommandLine, cases: Path) -> None:
    done = mneme("golden", str(cases))
    said = (
        "1 of 3 cases hold",
        "given: 0 memories say 'unicorn', one is to be forgotten",
        "search 'heron': lacks 'unicorn'; found ['The heron stands in the reeds.']",
        "history 'heron': the actions decided are ['create']",
        "context 'heron': nothing is marked 'never'",
    )
    assert (done.status, [part for part in said if part not in done.out]) == (1, [])


def test_cases_that_hold_end_well_and_are_told_to_programs(mneme: CommandLine, cases: Path) -> None:
    done = mneme("golden", str(cases), "--only", "case that holds", "--json")
    assert (done.status, done.json) == (0, [{"name": "A case that holds", "covers": "", "holds": True, "failures": []}])


def test_a_server_that_is_not_there_is_noticed_before_anything_is_told(mneme: CommandLine, cases: Path) -> None:
    away = dataclasses.replace(mneme, url=f"http://127.0.0.1:{free_port()}")
    assert [away(*command).status for command in (["golden", str(cases)], ["golden", __file__])] == [3, 2]
