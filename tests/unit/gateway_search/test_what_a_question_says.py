from __future__ import annotations

from datetime import date

import pytest

from mneme_gateway.decide.question import question_of
from mneme_gateway.decide.question_dates import days_meant

_LAST_DAY = date(2023, 11, 15)  # a Wednesday
_ADA, _GRACE, _GRACE_LEE = 3, 4, 5
_SPEAKERS = {"ada": {_ADA}, "grace": {_GRACE, _GRACE_LEE}, "lee": {_GRACE_LEE}}


def _days(text: str) -> list[tuple[date, date]]:
    return [(date.fromordinal(a), date.fromordinal(b)) for a, b in days_meant(text.lower().split(), _LAST_DAY)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what happened on 12 june 2022", date(2022, 6, 12), date(2022, 6, 12)),
        ("what happened on the 3rd of march", date(2023, 3, 3), date(2023, 3, 3)),
        ("was it december 24th", date(2022, 12, 24), date(2022, 12, 24)),
        ("trips in may 2023", date(2023, 5, 1), date(2023, 5, 31)),
        ("trips in february 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("was it in 2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("the summer of 2022", date(2022, 6, 1), date(2022, 8, 31)),
        ("what did she plan last summer", date(2023, 6, 1), date(2023, 8, 31)),
        ("what did she do yesterday", date(2023, 11, 14), date(2023, 11, 14)),
        ("where was she last month", date(2023, 10, 1), date(2023, 10, 31)),
        ("where was she last year", date(2022, 1, 1), date(2022, 12, 31)),
        ("whom did she meet last friday", date(2023, 11, 10), date(2023, 11, 10)),
        ("what did he break two weeks ago", date(2023, 10, 29), date(2023, 11, 4)),
        ("was war im märz 2023", date(2023, 3, 1), date(2023, 3, 31)),
    ],
)
def test_times_in_a_question_become_days(text: str, first: date, last: date) -> None:
    assert _days(text) == [(first, last)]


@pytest.mark.parametrize("text", ["may i ask you something", "what is on 40 june street", "how old is she", "ago last"])
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert all((last - first).days >= 29 for first, last in _days(text))
    assert "june" in text or not _days(text)


def test_names_of_speakers_are_taken_out_of_the_words() -> None:
    question = question_of("What did Ada's sister buy?", _SPEAKERS, _LAST_DAY)
    assert (dict(question.terms), set(question.speakers)) == ({"buy": 1, "sister": 1}, {_ADA})


def test_a_question_of_nothing_but_a_name_keeps_it() -> None:
    assert dict(question_of("Who is Ada?", _SPEAKERS, _LAST_DAY).terms) == {"ada": 1}


def test_of_two_with_one_name_the_full_name_tells_which() -> None:
    assert question_of("Where does Grace live?", _SPEAKERS, _LAST_DAY).speakers == {_GRACE, _GRACE_LEE}
    assert question_of("Where does Grace Lee live?", _SPEAKERS, _LAST_DAY).speakers == {_GRACE_LEE}


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("When did she move?", True),
        ("What year was it?", True),
        ("How long has she lived there?", True),
        ("For how many years?", True),
        ("Wann zog sie um?", True),
        ("Where does she live?", False),
        ("What does she like?", False),
        ("How many cats has she?", False),
    ],
)
def test_a_question_for_a_time_is_recognised(text: str, asks: bool) -> None:
    assert question_of(text, {}, _LAST_DAY).asks_when is asks
