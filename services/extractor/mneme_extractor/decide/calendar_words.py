"""The words for days, months and numbers."""

from __future__ import annotations

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTH_NUMBERS = (
    {name: index for index, name in enumerate(MONTHS, start=1)}
    | {name[:3]: index for index, name in enumerate(MONTHS, start=1)}
    | {"sept": 9}
)
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2, "a couple": 2, "couple of": 2,
}  # fmt: skip


def number(text: str) -> int | None:
    """The number that the words or digits stand for."""
    lowered = text.lower()
    return int(lowered) if lowered.isdigit() else NUMBERS.get(lowered)
