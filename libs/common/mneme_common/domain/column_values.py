"""Values as the columns of a class hold them (S1-43)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from mneme_common.domain.memory_schema import ClassDefinition, Column, DataType
from mneme_common.domain.metadata import JsonValue

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?|-W\d{2})?")
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def fitted(
    definition: ClassDefinition, values: Mapping[str, JsonValue]
) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """The values as their columns want them, and the names of those that were dropped; what is empty is left out."""
    kept: dict[str, JsonValue] = {}
    dropped: list[str] = []
    for name, value in values.items():
        if value in (None, "", []):
            continue
        column = definition.column(name)
        fit = None if column is None else _fit(column, value)
        if fit is None:
            dropped.append(name)
        else:
            kept[name] = fit
    return kept, tuple(dropped)


def _fit(column: Column, value: JsonValue) -> JsonValue:
    """None for what does not fit. What stands in for a personal value is text, whatever the column holds."""
    if column.pii:
        return value if isinstance(value, str) and value.strip() else None
    if column.dtype in (DataType.NUMBER, DataType.INTEGER):
        return _number(value, whole=column.dtype is DataType.INTEGER)
    if column.dtype is DataType.BOOLEAN:
        return value if isinstance(value, bool) else _TRUTH.get(str(value).strip().lower())
    if column.dtype is DataType.STRINGS:
        return _strings(value)
    return _text(column, value)


def _text(column: Column, value: JsonValue) -> JsonValue:
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if column.dtype is DataType.ENUM:
        return next((choice for choice in column.choices or () if choice.lower() == text.lower()), None)
    if column.dtype is DataType.DATE and not _DATE.fullmatch(text):
        return None
    return text or None


def _number(value: JsonValue, *, whole: bool) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    if number.is_integer():
        return int(number)
    return None if whole else number


def _strings(value: JsonValue) -> JsonValue:
    given = value if isinstance(value, list) else [value]
    kept: list[JsonValue] = list(dict.fromkeys(one.strip() for one in given if isinstance(one, str) and one.strip()))
    return kept or None
