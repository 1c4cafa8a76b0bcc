"""Annotating a class without a model: what its columns' names and types tell (S1-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mneme_common.domain.memory_schema import Annotation, ClassDefinition, Column, DataType, SearchableField

_SEARCHED = (DataType.STRING, DataType.TEXT, DataType.ENUM, DataType.STRINGS)
"""Never dates, numbers or booleans."""
_NAMING = ("name", "title", "subject")
_REMARKS = ("notes", "note", "desc", "description", "comment", "comments", "remark", "remarks", "details", "summary")
_KEYS = ("id", "key", "code", "number", "email", "isbn", "sku", "url", "slug", "username", "handle")
_KEY_TYPES = (DataType.STRING, DataType.INTEGER)
_OPTIONS = (DataType.ENUM, DataType.DATE)

_CONFIDENCE: Mapping[str, float] = {"key": 0.95, "name": 0.8, "lone": 0.6, "guess": 0.3}
"""How sure the identity is: a column that is called a key, a name, the only one that could be, or any."""


def annotate(definition: ClassDefinition) -> Annotation:
    """Searchable fields with boosts, identity fields, and how sure they are: the same for the same columns.

    A column marked as personal is not searched; it identifies a class only if no other column can.
    """
    plain = [column for column in definition.columns if not column.pii]
    identity, confidence = _identity(plain) if plain else ((definition.columns[0].name,), _CONFIDENCE["guess"])
    if confidence < _CONFIDENCE["name"]:
        personal, sure = _identity(definition.columns)
        identity, confidence = (personal, sure) if sure > confidence else (identity, confidence)
    return Annotation(
        searchable_fields=tuple(
            SearchableField(field=column.name, boost=boost_of(column)) for column in plain if column.dtype in _SEARCHED
        ),
        identity_fields=identity,
        confidence=confidence,
    )


def boost_of(column: Column) -> float:
    """3 for what names a thing, 2 for what sorts it, 1 for remarks and the rest."""
    if _last_word(column) in _NAMING:
        return 3.0
    if _last_word(column) in _REMARKS:
        return 1.0
    return 2.0 if column.dtype in (DataType.ENUM, DataType.STRINGS) or _last_word(column) in ("tag", "tags") else 1.0


def _identity(columns: Sequence[Column]) -> tuple[tuple[str, ...], float]:
    keys = [column.name for column in columns if column.dtype in _KEY_TYPES and _last_word(column) in _KEYS]
    if keys:
        return tuple(keys[:1]), _CONFIDENCE["key"]
    worded = [column for column in columns if column.dtype in (DataType.STRING, DataType.TEXT)]
    named = [column.name for column in worded if _last_word(column) in _NAMING]
    if named:
        return tuple(named[:1]), _CONFIDENCE["name"]
    plain = [column.name for column in worded if _last_word(column) not in _REMARKS]
    if len(plain) == 1:
        return tuple(plain), _CONFIDENCE["lone"]
    options = [column.name for column in columns if column.dtype in _OPTIONS]
    return tuple(plain or options or [columns[0].name]), _CONFIDENCE["guess"]


def _last_word(column: Column) -> str:
    return column.name.rsplit("_", 1)[-1]
