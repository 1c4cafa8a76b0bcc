"""The text of a memory that was given as values: what a search finds it by, and what is packed into a context."""

from __future__ import annotations

from collections.abc import Mapping

from mneme_common.domain.limits import MEMORY_CONTENT_MAX_BYTES
from mneme_common.domain.memory_schema import ClassDefinition
from mneme_common.domain.metadata import JsonValue


def record_text(definition: ClassDefinition, values: Mapping[str, JsonValue]) -> str:
    """``book: title Dune; pages 412``: the columns in their order, personal ones left out."""
    parts = [
        f"{column.name.replace('_', ' ')} {_worded(values[column.name])}"
        for column in definition.columns
        if column.name in values and not column.pii
    ]
    text = f"{definition.name.replace('_', ' ')}: {'; '.join(parts)}"
    return text.encode()[:MEMORY_CONTENT_MAX_BYTES].decode(errors="ignore").rstrip("; :")


def _worded(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_worded(item) for item in value)
    return str(value)
