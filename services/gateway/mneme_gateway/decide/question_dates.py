"""Which days a question means: dates in words and figures, months, years, seasons, and times counted back."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from mneme_gateway.decide.question_words import MONTHS, SEASONS, WEEKDAYS

Days = tuple[int, int]
"""The first and the last day, as proleptic Gregorian ordinals."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"([0-3]?\d)(?:st|nd|rd|th)?")
_COUNTS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
} | {"a": 1, "an": 1, "couple": 2, "few": 3}
_UNIT_DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "month": 30, "months": 30, "year": 365, "years": 365}
_SLACK = {1: 0, 7: 3, 30: 10, 365: 120}
_AMBIGUOUS = frozenset({"may", "mars", "mai", "fall", "march"})
_LAST, _NEXT = frozenset({"last", "previous", "past"}), frozenset({"next", "coming"})


def days_meant(words: Sequence[str], last_day: date) -> tuple[Days, ...]:
    """The spans that the words of a question name; relative ones are counted from ``last_day``."""
    absolute = tuple(_absolute(words, last_day))
    return absolute or tuple(_relative(words, last_day))


def _absolute(words: Sequence[str], last_day: date) -> Iterator[Days]:
    years = [int(word) for word in words if _YEAR.fullmatch(word)]
    found_month = False
    for place, word in enumerate(words):
        month = MONTHS.get(word)
        if month is None or (word in _AMBIGUOUS and not _is_month(words, place)):
            continue
        found_month = True
        for year in _years_of(words, place, years, month, last_day):
            yield _in_month(year, month, _day_beside(words, place))
    if not found_month:
        for year in years:
            yield from _season_or_year(words, year)


def _is_month(words: Sequence[str], place: int) -> bool:
    """Whether an ambiguous word ("may") has a day, a year or "in" beside it."""
    beside = [*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]]
    return any(
        _YEAR.fullmatch(word) or _DAY.fullmatch(word) or word in ("in", "of", "early", "late") for word in beside
    )


def _years_of(words: Sequence[str], place: int, years: Sequence[int], month: int, last_day: date) -> Sequence[int]:
    """The year beside the month, else any that is named, else the last time that month had begun."""
    for beside in words[place + 1 : place + 3]:
        if _YEAR.fullmatch(beside):
            return [int(beside)]
    return years or [last_day.year if month <= last_day.month else last_day.year - 1]


def _day_beside(words: Sequence[str], place: int) -> int | None:
    """12 of "12 June", "12th of June" and "June 12th"."""
    near = [*words[place + 1 : place + 2], *words[max(place - 1, 0) : place]]
    if words[max(place - 1, 0) : place] == ["of"]:
        near += words[max(place - 2, 0) : place - 1]
    for word in near:
        found = _DAY.fullmatch(word)
        if found and 1 <= int(found[1]) <= 31:
            return int(found[1])
    return None


def _in_month(year: int, month: int, day: int | None) -> Days:
    length = calendar.monthrange(year, month)[1]
    if day is None or day > length:
        return date(year, month, 1).toordinal(), date(year, month, length).toordinal()
    return (date(year, month, day).toordinal(),) * 2


def _season_or_year(words: Sequence[str], year: int) -> Iterator[Days]:
    seasons = [SEASONS[word] for word in words if word in SEASONS]
    for first in seasons:
        yield _season(year, first)
    if not seasons:
        yield date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()


def _season(year: int, first: int) -> Days:
    begin = date(year, first, 1)
    return begin.toordinal(), begin.toordinal() + 91


def _relative(words: Sequence[str], last_day: date) -> Iterator[Days]:
    today = last_day.toordinal()
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if word == "yesterday":
            yield today - 1, today - 1
        elif word in _LAST | _NEXT:
            yield from _neighbouring(following, last_day, -1 if word in _LAST else 1)
        elif word == "ago":
            yield from _counted_back(words[:place], today)


def _neighbouring(unit: str, last_day: date, direction: int) -> Iterator[Days]:
    """Last week, month, year, summer, Friday; or the next one."""
    today = last_day.toordinal()
    if unit in ("week", "weekend"):
        middle = today + 7 * direction
        yield middle - 3, middle + 3
    elif unit == "month":
        middle_day = (last_day.replace(day=1) - timedelta(days=1)) if direction < 0 else last_day + timedelta(days=30)
        yield _in_month(middle_day.year, middle_day.month, None)
    elif unit == "year":
        yield date(last_day.year + direction, 1, 1).toordinal(), date(last_day.year + direction, 12, 31).toordinal()
    elif unit in SEASONS:
        yield _nearest_season(SEASONS[unit], last_day, direction)
    elif unit in WEEKDAYS:
        back = (last_day.weekday() - WEEKDAYS[unit]) % 7 or 7
        day = today - back if direction < 0 else today - back + 7 + (7 if back == 7 else 0)
        yield day, day


def _nearest_season(first: int, last_day: date, direction: int) -> Days:
    """The latest one that had ended, or the first that had not begun."""
    spans = [_season(year, first) for year in range(last_day.year - 2, last_day.year + 3)]
    today = last_day.toordinal()
    return max(s for s in spans if s[1] < today) if direction < 0 else min(s for s in spans if s[0] > today)


def _counted_back(before: Sequence[str], today: int) -> Iterator[Days]:
    """Three weeks ago, a couple of months ago."""
    counted = [word for word in before[-4:] if word != "of"]
    if len(counted) < 2 or counted[-1] not in _UNIT_DAYS:
        return
    number = int(counted[-2]) if counted[-2].isdecimal() else _COUNTS.get(counted[-2])
    unit = _UNIT_DAYS[counted[-1]]
    if number is not None and number * unit < today:
        day = today - number * unit
        yield day - _SLACK[unit], day + _SLACK[unit]
