"""From JSON to frozen dataclasses, by their annotations. Fields that this version does not know are kept in ``raw``."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from mneme.errors import UnexpectedAnswerError

Json = Mapping[str, object]
A = TypeVar("A", bound="Answer")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Part of an answer; ``raw`` is the JSON that it came from, with fields that this version does not know."""

    raw: Json = field(default_factory=dict, repr=False, compare=False)


def wire_name(name: str) -> Any:
    """A required field that is called ``name`` in JSON."""
    return field(metadata={"json": name})


def decode(kind: type[A], value: object) -> A:
    """The answer in ``value``; raises UnexpectedAnswerError where a field is missing or of another type."""
    if not isinstance(value, Mapping):
        raise UnexpectedAnswerError(f"{kind.__name__}: expected an object, got {type(value).__name__}")
    found: dict[str, object] = {"raw": value}
    plain: type = kind
    for part in _plan(plain):
        if part.json_name in value:
            found[part.name] = _convert(part.annotation, value[part.json_name], f"{kind.__name__}.{part.json_name}")
        elif part.required:
            raise UnexpectedAnswerError(f"{kind.__name__}: {part.json_name} is missing from the answer")
    make: Callable[..., A] = kind
    return make(**found)


class _Part(NamedTuple):
    name: str
    json_name: str
    annotation: object
    required: bool


@cache
def _plan(kind: type) -> tuple[_Part, ...]:
    hints = get_type_hints(kind)
    return tuple(
        _Part(
            part.name,
            part.metadata.get("json", part.name),
            hints[part.name],
            part.default is MISSING and part.default_factory is MISSING,
        )
        for part in fields(kind)
        if part.name != "raw"
    )


def _convert(annotation: object, value: object, where: str) -> object:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _convert_optional(annotation, value, where)
    if origin is tuple:
        return _convert_list(get_args(annotation)[0], value, where)
    if isinstance(annotation, type):
        return _convert_plain(annotation, value, where)
    return value


def _convert_optional(annotation: object, value: object, where: str) -> object:
    (wanted,) = (part for part in get_args(annotation) if part is not type(None))
    return None if value is None else _convert(wanted, value, where)


def _convert_list(wanted: object, value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise _unexpected(where, "a list", value)
    return tuple(_convert(wanted, item, where) for item in value)


def _convert_plain(wanted: type, value: object, where: str) -> object:
    if is_dataclass(wanted) and issubclass(wanted, Answer):
        return decode(wanted, value)
    if wanted is datetime:
        return _moment(value, where)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted in (str, int, float, bool) and type(value) is not wanted:
        raise _unexpected(where, wanted.__name__, value)
    return value


def _moment(value: object, where: str) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise _unexpected(where, "a time", value) from None


def _unexpected(where: str, wanted: str, value: object) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(f"{where}: expected {wanted}, got {type(value).__name__}")
