"""A tenant's own classes as a model is told of them, and what is believed of its answer about them."""

from __future__ import annotations

from mneme_common.domain.memory_schema import ActiveSchema, AnnotatedClass, Column, DataType
from mneme_common.domain.metadata import JsonValue

_INTRODUCTION = """

There are further classes of memories, which this application has defined. Note what the message states about them, \
also when it is not about the speaker; leave a value "" that is not stated:
"""
_LONGEST_VALUE = 1_000


def told(schema: ActiveSchema | None) -> str:
    """What the instructions add about them; nothing for a tenant without any."""
    if schema is None:
        return ""
    return _INTRODUCTION + "\n".join(_class(one) for one in schema.classes)


def values_form(one: AnnotatedClass) -> dict[str, JsonValue]:
    """The JSON schema of the values: all of them text, but lists; the resolver makes them fit."""
    return {column.name: _form(column) for column in one.definition.columns}


def believed(one: AnnotatedClass, given: JsonValue) -> dict[str, JsonValue] | None:
    """The values of an answer that are stated; None when they are malformed or nothing of them identifies anything."""
    if not isinstance(given, dict):
        return None
    values: dict[str, JsonValue] = {}
    for column in one.definition.columns:
        value = given.get(column.name, "")
        if not _is_plain(value):
            return None
        if value not in ("", [], None):
            values[column.name] = value.strip() if isinstance(value, str) else value
    return values if any(name in values for name in one.annotation.identity_fields) else None


def _class(one: AnnotatedClass) -> str:
    definition = one.definition
    lead = f"  - {definition.name} {{{', '.join(column.name for column in definition.columns)}}}"
    about = f": {definition.description}" if definition.description else ""
    return "\n".join([f"{lead}{about}", *(_column(column) for column in definition.columns)])


def _column(column: Column) -> str:
    form = "ISO date" if column.dtype is DataType.DATE else column.dtype.value
    return f"    {column.name} ({form}){': ' + column.description if column.description else ''}"


def _form(column: Column) -> JsonValue:
    if column.dtype is DataType.STRINGS:
        return {"type": "array", "items": {"type": "string"}}
    if column.dtype is DataType.ENUM:
        return {"type": "string", "enum": [*(column.choices or ()), ""]}
    if column.dtype is DataType.BOOLEAN:
        return {"type": "string", "enum": ["true", "false", ""]}
    return {"type": "string"}


def _is_plain(value: JsonValue) -> bool:
    if isinstance(value, list):
        return len(value) <= 50 and all(isinstance(item, str) and _is_plain(item) for item in value)
    if isinstance(value, str):
        return len(value) <= _LONGEST_VALUE and "\x00" not in value
    return value is None or isinstance(value, (bool, int, float))
