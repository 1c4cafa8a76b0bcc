"""Expressions of time against the day they were said: Monday, 8 May 2023 (a Thursday where another day matters)."""

from __future__ import annotations

from datetime import date

import pytest

from mneme_extractor.decide.dates import dated, find_when

_MONDAY = date(2023, 5, 8)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("yesterday", "2023-05-07"),
        ("last night", "2023-05-07"),
        ("the day before yesterday", "2023-05-06"),
        ("this morning", "2023-05-08"),
        ("two days ago", "2023-05-06"),
        ("a week ago", "2023-W18"),
        ("three months ago", "2023-02"),
        ("10 years ago", "2013"),
        ("last week", "2023-W18"),
        ("last month", "2023-04"),
        ("last year", "2022"),
        ("last weekend", "2023-05-06"),
        ("last Friday", "2023-05-05"),
        ("last Monday", "2023-05-01"),
        ("on Monday", "2023-05-01"),
        ("on Friday", "2023-05-05"),
        ("on 5 May", "2023-05-05"),
        ("on May 5th, 2021", "2021-05-05"),
        ("on the 3rd of March", "2023-03-03"),
        ("on 24 December", "2022-12-24"),
        ("on the 15th", "2023-04-15"),
        ("on 2022-02-28", "2022-02-28"),
        ("in July", "2022-07"),
        ("in March 2020", "2020-03"),
        ("last May", "2022-05"),
        ("back in 2009", "2009"),
        ("recently", ""),
        ("the other day", ""),
    ],
)
def test_a_past_time_is_resolved_backwards(text: str, iso: str) -> None:
    when = find_when(f"I went {text}", _MONDAY, past=True)
    assert when is not None
    assert (when.start, when.iso) == (7, iso)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("tomorrow", "2023-05-09"),
        ("the day after tomorrow", "2023-05-10"),
        ("in three weeks", "2023-W22"),
        ("in 2 months", "2023-07"),
        ("next week", "2023-W20"),
        ("next month", "2023-06"),
        ("next year", "2024"),
        ("this weekend", "2023-05-13"),
        ("next Friday", "2023-05-12"),
        ("next Monday", "2023-05-15"),
        ("on Monday", "2023-05-15"),
        ("on Friday", "2023-05-12"),
        ("on 5 May", "2024-05-05"),
        ("on 12 June", "2023-06-12"),
        ("in April", "2024-04"),
        ("in October", "2023-10"),
        ("on the 3rd", "2023-06-03"),
    ],
)
def test_a_coming_time_is_resolved_forwards(text: str, iso: str) -> None:
    when = find_when(f"I leave {text}", _MONDAY, past=False)
    assert when is not None
    assert (when.start, when.iso) == (8, iso)


@pytest.mark.parametrize(
    "text", ["I may go", "the march was long", "over the past year", "31 Feb", "9999 years ago", "no time"]
)
def test_what_is_no_point_in_time_is_not_resolved(text: str) -> None:
    assert find_when(text, _MONDAY, past=True) is None


def test_a_week_across_the_new_year_has_its_own_year() -> None:
    when = find_when("last week", date(2021, 1, 4), past=True)
    assert when is not None
    assert when.iso == "2020-W53"


def test_the_earliest_expression_counts_and_of_those_the_longest() -> None:
    text = "on 5 May 2021 and last week"
    when = find_when(text, _MONDAY, past=True)
    assert when is not None
    assert text[when.start : when.end] == "on 5 May 2021"


def test_a_date_replaces_words_that_would_age() -> None:
    assert dated("visit Japan next month", _MONDAY) == "visit Japan in 2023-06"
    assert dated("visit Japan", _MONDAY) == "visit Japan"
