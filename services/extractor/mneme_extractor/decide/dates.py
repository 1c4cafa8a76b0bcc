"""Expressions of time, resolved against the day on which they were said.

A resolved time is ISO 8601 in the precision that was expressed: a day (2023-05-07), a week (2023-W18), a month
(2023-05) or a year (2023); empty for expressions that only say "some time" (recently, the other day).
"last Friday" is the latest Friday before the day it was said, "next Friday" the first one after it; a weekday or a
date without a year follows the tense of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from mneme_extractor.decide.calendar_words import MONTH_NUMBERS, NUMBERS, WEEKDAYS, number
from mneme_extractor.decide.vocabulary import alternatives

_WEEKDAY = "|".join(WEEKDAYS)
_MAY_BE_A_VERB = ("march", "may", "mar")  # these are months only with a capital
_MONTH = rf"(?:{alternatives(MONTH_NUMBERS.keys() - set(_MAY_BE_A_VERB))}|(?-i:March|Mar|May))\.?"
_COUNT = r"(?:\d{1,3}|" + alternatives(NUMBERS) + ")"
_PART = r"(?: (?:early |late )?(?:morning|afternoon|evening|night|lunchtime))?"
_YEAR = r"(?:19|20)\d\d"


@dataclass(frozen=True, slots=True)
class When:
    """An expression of time found in a text: its place there, and the time in ISO 8601 or empty."""

    start: int
    end: int
    iso: str

    def phrase(self, words: str) -> str:
        """The time as a part of a sentence; ``words`` are the original ones, kept where nothing was resolved."""
        if not self.iso:
            return words
        if "W" in self.iso:
            monday = date.fromisocalendar(int(self.iso[:4]), int(self.iso[-2:]), 1)
            return f"in the week of {monday.isoformat()}"
        if "weekend" in words.lower():
            return f"on the weekend of {self.iso}"
        return f"{'on' if len(self.iso) == 10 else 'in'} {self.iso}"


Resolve = Callable[[re.Match[str], date, bool], str | None]


def _shifted(today: date, match: re.Match[str], sign: int) -> str | None:
    count = number(match["count"])
    unit = match["unit"].lower().rstrip("s")
    if count is None:
        return None
    if unit == "day":
        return _day(today, sign * count)
    if unit in ("week", "weekend"):
        return _week(today, sign * count)
    if unit == "month":
        return _month(today, sign * count)
    return _year(today.year + sign * count)


def _day(today: date, offset: int) -> str | None:
    try:
        return (today + timedelta(days=offset)).isoformat()
    except OverflowError:
        return None


def _week(today: date, offset: int) -> str | None:
    day = _day(today, 7 * offset)
    if day is None:
        return None
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _month(today: date, offset: int) -> str | None:
    months = today.year * 12 + today.month - 1 + offset
    year = _year(months // 12)
    return f"{year}-{months % 12 + 1:02d}" if year else None


def _year(year: int) -> str | None:
    return f"{year:04d}" if 1 <= year <= 9999 else None


def _relative_period(match: re.Match[str], today: date, past: bool) -> str | None:
    which, unit = match["which"].lower(), match["unit"].lower()
    offset = {"last": -1, "next": 1, "this coming": 1, "the coming": 1}.get(which, 0)
    if which.endswith("past"):
        if unit in ("month", "year"):  # a duration, no point in time
            return None
        offset = -1
    if unit == "weekend":
        return _weekend(today, offset, past)
    if unit == "week":
        return _week(today, offset)
    return _month(today, offset) if unit == "month" else _year(today.year + offset)


def _weekend(today: date, offset: int, past: bool) -> str | None:
    saturday = 5 - today.weekday()  # of this week; on a Sunday, yesterday
    if offset < 0:
        return _day(today, saturday - 7)
    if offset > 0 and today.weekday() >= 5:
        return _day(today, saturday + 7)
    if offset == 0 and past and today.weekday() < 5:
        return _day(today, saturday - 7)
    return _day(today, saturday)


def _weekday(match: re.Match[str], today: date, past: bool) -> str | None:
    ahead = (WEEKDAYS.index(match["weekday"].lower()) - today.weekday()) % 7
    which = (match["which"] or "").lower()
    if "last" in which or "past" in which:
        return _day(today, ahead - 7)
    if "next" in which or "coming" in which:
        return _day(today, ahead or 7)
    if not which:  # today would be called today
        return _day(today, ahead - 7 if past else ahead or 7)
    return _day(today, ahead - 7 if past and ahead else ahead)


def _month_day(match: re.Match[str], today: date, past: bool) -> str | None:
    month = MONTH_NUMBERS[match["month"].lower().rstrip(".")]
    year = int(match["year"]) if match["year"] else None
    try:
        found = date(year or today.year, month, int(match["day"]))
        if year is None and past and found > today:
            found = found.replace(year=today.year - 1)
        elif year is None and not past and found < today:
            found = found.replace(year=today.year + 1)
    except ValueError:
        return None
    return found.isoformat()


def _named_month(match: re.Match[str], today: date, past: bool) -> str:
    month = MONTH_NUMBERS[match["month"].lower().rstrip(".")]
    if match["year"]:
        return f"{match['year']}-{month:02d}"
    which = (match["which"] or "").lower()
    year = today.year
    if ("last" in which or past) and month >= today.month + ("last" not in which):
        year -= 1
    elif not past and "last" not in which and month < today.month:
        year += 1
    return f"{year}-{month:02d}"


def _day_of_month(match: re.Match[str], today: date, past: bool) -> str | None:
    day = int(match["day"])
    for offset in (0, -1 if past else 1):
        try:
            found = date.fromisoformat(f"{_month(today, offset)}-{day:02d}")
        except ValueError:
            continue
        if (found <= today) if past else (found >= today):
            return found.isoformat()
    return None


def _iso_day(match: re.Match[str], today: date, past: bool) -> str | None:  # noqa: ARG001  (one of many resolvers)
    try:
        return date.fromisoformat(match["iso"]).isoformat()
    except ValueError:
        return None


def _form(text: str, resolve: Resolve) -> tuple[re.Pattern[str], Resolve]:
    return re.compile(rf"\b(?:{text})\b(?!')", re.IGNORECASE), resolve


_FORMS: tuple[tuple[re.Pattern[str], Resolve], ...] = (
    _form(r"(?:the )?day before yesterday", lambda _m, today, _p: _day(today, -2)),
    _form(rf"(?:late |early )?yesterday{_PART}|last night", lambda _m, today, _p: _day(today, -1)),
    _form(r"(?:the )?day after tomorrow", lambda _m, today, _p: _day(today, 2)),
    _form(rf"tomorrow{_PART}", lambda _m, today, _p: _day(today, 1)),
    _form(r"(?:earlier )?today|this (?:morning|afternoon|evening)|tonight", lambda _m, today, _p: _day(today, 0)),
    _form(
        rf"(?:about |around |almost |just |over )?(?P<count>{_COUNT}) (?P<unit>days?|weeks?|weekends?|months?"
        r"|years?) (?:ago|back|earlier)",
        lambda match, today, _p: _shifted(today, match, -1),
    ),
    _form(
        rf"in (?:about |around )?(?P<count>{_COUNT}) (?P<unit>days?|weeks?|months?|years?)(?: time)?",
        lambda match, today, past: None if past else _shifted(today, match, 1),
    ),
    _form(
        r"(?:over |during )?(?:the )?(?P<which>last|next|this coming|the coming|this past|the past|past"
        r"|this) (?P<unit>weekend|week|month|year)",
        _relative_period,
    ),
    _form(
        rf"(?:on )?(?:(?P<which>last|next|this past|this coming|this|past|coming) |on )(?P<weekday>{_WEEKDAY}){_PART}",
        _weekday,
    ),
    _form(rf"(?:on )?(?P<iso>{_YEAR}-\d\d-\d\d)", _iso_day),
    _form(
        rf"(?:on )?(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?",
        _month_day,
    ),
    _form(
        rf"(?:on )?(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:"
        rf"| ?[ap]m)(?:,? (?P<year>{_YEAR}))?",
        _month_day,
    ),
    _form(
        rf"(?:back )?(?:in|(?P<which>last|this|next)) (?P<month>{_MONTH})(?:,? (?:of )?(?P<year>{_YEAR}))?",
        _named_month,
    ),
    _form(r"on the (?P<day>\d{1,2})(?:st|nd|rd|th)", _day_of_month),
    _form(rf"(?:back )?in (?P<year>{_YEAR})", lambda match, _t, _p: str(match["year"])),
    _form(
        r"recently|the other (?:day|night|week|evening)|a (?:little )?while (?:ago|back)|a few (?:days|weeks"
        r"|months|years) (?:ago|back)|some time ago|not (?:too )?long ago|last (?:summer|winter|spring|fall|autumn"
        r"|christmas)",
        lambda _m, _t, _p: "",
    ),
)
_HINT = re.compile(
    rf"\b(?:{_WEEKDAY}|{'|'.join(MONTH_NUMBERS)}|yesterday|tomorrow|today|tonight|ago|back|last|next|this|past"
    r"|recently|earlier|the other|while|in|on)|\d",
    re.IGNORECASE,
)


def find_when(text: str, today: date, *, past: bool) -> When | None:
    """The earliest expression of time in the text, the longest of those that start there; None without one."""
    if not _HINT.search(text):
        return None
    best: When | None = None
    for pattern, resolve in _FORMS:
        match = pattern.search(text)
        if match is None or (best and (match.start(), -match.end()) >= (best.start, -best.end)):
            continue
        iso = resolve(match, today, past)
        if iso is not None:
            best = When(match.start(), match.end(), iso)
    return best


_SEASON = re.compile(r" (?:next|this|last) (?:summer|winter|spring|fall|autumn|season|semester|term)\b", re.IGNORECASE)


def dated(text: str, today: date) -> str:
    """The text with a future time put as a date, so that it stays true later ("in 2023-06"); a season is left out."""
    text = _SEASON.sub("", text)
    when = find_when(text, today, past=False)
    if when is None or not when.iso:
        return text
    return f"{text[: when.start]}{when.phrase(text[when.start : when.end])}{text[when.end :]}"
