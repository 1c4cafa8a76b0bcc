"""Records that somebody labels himself: ``Book: title Dune; author: Frank Herbert; pages = 412``.

Without a model this is how a tenant's own classes are read from what is said: the class, a colon, and columns by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mneme_common.domain.memory_schema import ActiveSchema, ClassDefinition, DataType
from mneme_common.domain.metadata import JsonValue
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, plain, speaks_for_itself

MOST_RECORDS = 50
"""Of one message; what comes after is dropped."""

RULE = "record.labelled"
_CONFIDENCE = 0.9
_SEPARATOR = re.compile("[;\n]")
_LONGEST = 4_000
_LONGEST_VALUE = 1_000


def labelled_records(utterance: Utterance, schema: ActiveSchema | None) -> tuple[Statement, ...]:
    """The records in the order in which they stand; equal utterances and schemas give equal ones."""
    if schema is None or not speaks_for_itself(utterance) or ":" not in utterance.content:
        return ()
    text = plain(utterance.content)
    found = [statement for one in schema.classes for statement in _of_class(text, one.definition)]
    return tuple(sorted(found, key=lambda statement: (statement.start, statement.memory_class))[:MOST_RECORDS])


def _of_class(text: str, definition: ClassDefinition) -> Iterator[Statement]:
    head, column = _patterns(definition)
    for match in head.finditer(text):
        end = _end_of(text, match.end(), column)
        values = _values(text[match.end() : end], definition, column)
        content = text[match.start("name") : end].strip()
        if values:
            yield Statement(
                action="delete" if match["forget"] else "create",
                memory_class=definition.name,
                values=values,
                content=content,
                confidence=_CONFIDENCE,
                start=match.start("name"),
                end=match.start("name") + len(content),
                rule=RULE,
            )


@lru_cache(maxsize=512)
def _patterns(definition: ClassDefinition) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How a record of the class begins, and how one of its columns does."""
    names = sorted((column.name for column in definition.columns), key=len, reverse=True)
    columns = "|".join(_spaced(name) for name in names)
    head = re.compile(
        rf"^[ \t]*(?:[-*•][ \t]*)?(?P<forget>(?:please )?forget (?:the )?)?(?P<name>{_spaced(definition.name)})[ \t]*:",
        re.IGNORECASE | re.MULTILINE,
    )
    return head, re.compile(rf"(?:^|[;,\n])\s*(?:[-*•]\s*)?(?P<column>{columns})(?:\s*[:=]\s*|[ \t]+)", re.IGNORECASE)


def _spaced(name: str) -> str:
    return re.escape(name).replace("_", "[ _]")


def _end_of(text: str, start: int, column: re.Pattern[str]) -> int:
    """The end of the line, and of the lines after it that go on with columns of their own."""
    end = start
    while True:
        line_end = text.find("\n", end)
        if line_end < 0 or line_end - start > _LONGEST:
            return min(len(text), start + _LONGEST)
        following = text.find("\n", line_end + 1)
        line = text[line_end : following if following >= 0 else len(text)]
        if not column.match(line) and text[start:line_end].strip():
            return line_end
        if not line.strip():
            return line_end
        end = line_end + 1


def _values(text: str, definition: ClassDefinition, column: re.Pattern[str]) -> dict[str, JsonValue]:
    marks = list(column.finditer(text))
    values: dict[str, JsonValue] = {}
    for mark, after in zip(marks, [*marks[1:], None], strict=False):
        name = mark["column"].lower().replace(" ", "_")
        said = _SEPARATOR.split(text[mark.end() : after.start() if after else len(text)].strip(" \t\n;,"))[0].strip()
        known = definition.column(name)
        if said and known is not None:
            listed = known.dtype is DataType.STRINGS
            values[name] = [part.strip() for part in said.split(",")] if listed else said[:_LONGEST_VALUE].rstrip(".")
    return values
