"""Golden files are read strictly, and what a case expects of texts is judged as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mneme_cli.golden.case import InvalidCaseError, Part, cases_in
from mneme_cli.golden.texts import faults

_CASE = """
- name: A move makes a new version
  covers: supersession
  given:
    - {say: "I live in Lisbon.", by: Ada}
    - settle
    - {know: "The code is 1.", user: bob, key: code}
  expect:
    - memories: {has: [Lisbon]}
      user: bob
    - {search: "Where?", first: Lisbon}
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def test_a_case_has_phases_between_which_all_is_taken_in(tmp_path: Path) -> None:
    (case,) = cases_in(_written(tmp_path, _CASE))
    assert case.phases == (
        (Part("say", "I live in Lisbon.", {"by": "Ada"}),),
        (Part("know", "The code is 1.", {"user": "bob", "key": "code"}),),
    )
    assert case.checks == (
        Part("memories", "", {"has": ["Lisbon"], "user": "bob"}),
        Part("search", "Where?", {"first": "Lisbon"}),
    )
    assert [part.user for part in (*case.phases[0], *case.checks)] == ["ada", "bob", "ada"]


def test_a_folder_holds_the_cases_of_its_files_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text(f"- {{name: case {name}, expect: [{{search: x, nothing: true}}]}}")
    assert [case.name for case in cases_in(tmp_path)] == ["case a", "case b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x", "expected a list of cases"),
        ("- {name: x, expects: []}", "expected name, covers, given and expect"),
        ("- {name: x, expect: []}", "nothing is expected"),
        ("- {name: x, given: [{shout: y}], expect: [{search: z, count: 1}]}", "each part is one of say, know"),
        ("- {name: x, given: [{say: y, loud: true}], expect: [{search: z, count: 1}]}", "say has no loud"),
        ("- {name: x, expect: [{search: z, hass: [y]}]}", "search has no hass"),
        ("- {name: x, expect: [{search: z}]}\n- {name: x, expect: [{search: z}]}", "two cases are called 'x'"),
        ("- [", "expected the node content"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidCaseError, match=said):
        cases_in(_written(tmp_path, text))


_TEXTS = ["Ada lives in Porto.", "Ada likes tea.", "The code is 1234."]


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"has": ["porto", "TEA"]}, []),
        ({"has": ["Lisbon", "tea"]}, ["lacks 'Lisbon'"]),
        ({"lacks": ["Lisbon"]}, []),
        ({"lacks": "tea"}, ["has 'tea'"]),
        ({"first": "Porto"}, []),
        ({"first": "tea"}, ["does not begin with 'tea'"]),
        ({"count": 3}, []),
        ({"count": 2}, ["has 3 instead of 2"]),
        ({"nothing": True}, ["has 3 instead of nothing"]),
        ({"exactly": ["Ada likes tea.", "The code is 1234.", "Ada lives in Porto."]}, []),
        ({"exactly": ["tea"]}, ["is not exactly ['tea']"]),
        ({"order": ["Porto", "1234"]}, []),
        ({"order": ["1234", "Porto"]}, ["is not in the order ['1234', 'Porto']"]),
        ({"order": ["Lisbon", "1234"]}, ["lacks 'Lisbon'"]),
    ],
)
def test_texts_are_judged_by_the_parts_that_name_them(expected: dict[str, Any], said: list[str]) -> None:
    assert list(faults(expected, _TEXTS)) == said


def test_no_texts_satisfy_nothing_but_an_expected_absence() -> None:
    assert list(faults({"nothing": True, "lacks": ["tea"], "count": 0}, [])) == []
    assert list(faults({"first": "tea"}, [])) == ["does not begin with 'tea'"]
