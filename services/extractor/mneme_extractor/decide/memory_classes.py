"""The classes that the default schema knows, as an extractor fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mneme_common.domain.journal import JOURNAL, Bucket
from mneme_common.domain.metadata import JsonValue

SCHEMA_VERSION = "default-1"

_REDUCED_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?|-W\d{2})?")


@dataclass(frozen=True, slots=True)
class MemoryClass:
    """Fields that an extractor fills, besides the subject; ``identity`` are those that name the thing."""

    name: str
    fields: tuple[str, ...]
    identity: tuple[str, ...]
    optional: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] | None = None


CLASSES: Mapping[str, MemoryClass] = {
    memory_class.name: memory_class
    for memory_class in (
        MemoryClass("profile_fact", ("attribute", "value"), ("attribute",)),
        MemoryClass(
            "preference",
            ("topic", "polarity", "reason"),
            ("topic",),
            optional=("reason",),
            choices={"polarity": ("likes", "dislikes", "prefers")},
        ),
        MemoryClass("rule", ("rule",), ("rule",)),
        MemoryClass("goal", ("goal",), ("goal",)),
        MemoryClass("event", ("what", "when"), ("what", "when"), optional=("when",)),
        MemoryClass("relation", ("relation", "person"), ("relation", "person")),
        MemoryClass("note", ("text",), ("text",)),
    )
}
JOURNAL_CLASS = MemoryClass(
    JOURNAL, ("bucket", "key", "value"), ("bucket", "key"), choices={"bucket": tuple(bucket.value for bucket in Bucket)}
)
"""What the journal is read for, and nothing else is (C13)."""
ALL_CLASSES: Mapping[str, MemoryClass] = {**CLASSES, JOURNAL: JOURNAL_CLASS}


def is_reduced_date(text: str) -> bool:
    """Whether this is a day, an ISO week, a month or a year in ISO 8601, or empty for an unknown time."""
    return not text or _REDUCED_DATE.fullmatch(text) is not None


def fault_of(memory_class: MemoryClass, values: Mapping[str, JsonValue]) -> str | None:
    """What is wrong with the values of a create proposal, or None."""
    for field in memory_class.fields:
        value = values.get(field, "")
        if not isinstance(value, str):
            return f"{field} must be text"
        if not value.strip() and field not in memory_class.optional:
            return f"{field} must not be empty"
        allowed = (memory_class.choices or {}).get(field)
        if allowed is not None and value not in allowed:
            return f"{field} must be one of {', '.join(allowed)}"
    if not is_reduced_date(str(values.get("when", ""))):
        return "when must be an ISO date or empty"
    return None
