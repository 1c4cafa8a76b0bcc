"""Valid time is as long as its words are precise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mneme_extractor.decide.valid_time import UNKNOWN, interval_of


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "first", "after"),
    [
        ("2023", _day(2023, 1, 1), _day(2024, 1, 1)),
        ("2023-05", _day(2023, 5, 1), _day(2023, 6, 1)),
        ("2023-12", _day(2023, 12, 1), _day(2024, 1, 1)),
        ("2024-02-29", _day(2024, 2, 29), _day(2024, 3, 1)),
        ("2023-W01", _day(2023, 1, 2), _day(2023, 1, 9)),
    ],
)
def test_a_reduced_date_is_true_for_all_of_its_time(when: str, first: datetime, after: datetime) -> None:
    assert interval_of(when) == (first, after)


@pytest.mark.parametrize("when", ["", None, 2023, "soon", "2023-13", "2023-02-30", "9999", "9999-12", "2023-W99", "-"])
def test_what_is_no_date_has_no_valid_time(when: str | int | None) -> None:
    assert interval_of(when) == UNKNOWN
