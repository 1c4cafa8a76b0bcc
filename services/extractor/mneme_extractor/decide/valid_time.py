"""Valid time: from when to when something was true, as far as its words say (a day, an ISO week, a month, a year)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from mneme_common.domain.metadata import JsonValue

Interval = tuple[datetime | None, datetime | None]
UNKNOWN: Interval = (None, None)
_MONTHS = 12


def interval_of(when: JsonValue) -> Interval:
    """The first moment and the one after the last of a reduced ISO 8601 date; unknown for anything else."""
    try:
        first, after = _dates(when) if isinstance(when, str) else (None, None)
    except (ValueError, OverflowError):
        return UNKNOWN
    return UNKNOWN if first is None or after is None else (_midnight(first), _midnight(after))


def _dates(when: str) -> tuple[date, date] | tuple[None, None]:
    parts = when.strip().split("-")
    if len(parts) == 1 and len(parts[0]) == 4:
        return date(int(parts[0]), 1, 1), date(int(parts[0]) + 1, 1, 1)
    if len(parts) == 2 and parts[1].startswith("W"):
        first = date.fromisocalendar(int(parts[0]), int(parts[1][1:]), 1)
        return first, first + timedelta(weeks=1)
    if len(parts) == 2:
        return _month(int(parts[0]), int(parts[1]))
    if len(parts) == 3:
        day = date.fromisoformat(when.strip())
        return day, day + timedelta(days=1)
    return None, None


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year + month // _MONTHS, month % _MONTHS + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
