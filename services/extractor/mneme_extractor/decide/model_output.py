"""Reading a model's answer: what it says is believed only as far as it can be checked against the message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import orjson

from mneme_common.contracts.chat import ChatAnswer
from mneme_common.domain.memory_schema import ActiveSchema
from mneme_common.domain.metadata import JsonValue
from mneme_extractor.decide.memory_classes import CLASSES, MemoryClass, fault_of
from mneme_extractor.decide.own_classes import believed
from mneme_extractor.decide.rules.forgetting import ASKS_TO_FORGET
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, has_words, plain

_FRAME = re.compile(
    r"(?:<think>.*?</think>\s*)?(?P<fence>```(?:json)?\s*)?(?P<json>[\[{].*[\]}])\s*(?(fence)```)", re.DOTALL
)
_LONGEST_CONTENT = 2_000
_LONGEST_VALUE = 1_000
_MOST = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be believed of an answer. ``fault`` says why none of it can be used and it has to be asked again."""

    statements: tuple[Statement, ...] = ()
    dropped: tuple[str, ...] = ()
    fault: str | None = None


class _UnbelievableError(ValueError):
    """This item is dropped; ``malformed`` when it breaks the schema."""

    def __init__(self, reason: str, *, malformed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.malformed = malformed


@dataclass(slots=True)
class _Sorted:
    statements: list[Statement] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)


def read_answer(answer: ChatAnswer, utterance: Utterance, own: ActiveSchema | None = None) -> Reading:
    """The statements of an answer that hold, in its order.

    An item that cannot be checked is dropped. An answer without a single good item of which some break the schema is
    a fault: an empty success would lose memories silently.
    """
    if answer.refusal is not None or answer.finish == "content_filter":
        return Reading(fault="it was a refusal")
    if answer.finish == "length":
        return Reading(fault="it was cut off before its end")
    try:
        items = _items(answer.text)
    except ValueError as error:
        return Reading(fault=str(error))
    found = _sort(items, utterance, own)
    if found.malformed and not found.statements:
        return Reading(dropped=tuple(found.dropped), fault=f"no item satisfies the schema ({found.malformed[0]})")
    return Reading(tuple(found.statements[:_MOST]), tuple(found.dropped))


def _items(text: str) -> list[JsonValue]:
    try:
        data = orjson.loads(without_frame(text))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error})") from None
    items = data.get("memories") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise ValueError('it is not an object with the list "memories"')  # noqa: TRY004  (one kind of fault)
    return items


def without_frame(text: str) -> str:
    """The JSON without what models that are not bound to a schema like to put around it: thoughts, a Markdown fence."""
    framed = _FRAME.fullmatch(text.strip())
    return framed["json"] if framed else text


def _sort(items: list[JsonValue], utterance: Utterance, own: ActiveSchema | None) -> _Sorted:
    found = _Sorted()
    for index, item in enumerate(items):
        try:
            found.statements.append(_statement(item, utterance, own))
        except _UnbelievableError as error:
            found.dropped.append(error.reason)
            if error.malformed:
                found.malformed.append(f"item {index}: {error.reason.replace('_', ' ')}")
    return found


def _statement(item: JsonValue, utterance: Utterance, own: ActiveSchema | None) -> Statement:
    if not isinstance(item, dict):
        raise _UnbelievableError("not_an_object", malformed=True)
    name, action = str(item.get("memory_class")), item.get("action")
    if action not in ("create", "delete"):
        raise _UnbelievableError("unknown_action", malformed=True)
    values = _values_of(name, item.get("values"), utterance, own, deletes=action == "delete")
    start, end = _place(item.get("quote"), utterance.content)
    if action == "delete" and not ASKS_TO_FORGET.search(plain(utterance.content)):
        raise _UnbelievableError("delete_not_asked")
    return Statement(
        action="delete" if action == "delete" else "create",
        memory_class=name,
        values=values,
        content=_content(item.get("content")),
        confidence=_confidence(item.get("confidence")),
        start=start,
        end=end,
    )


def _values_of(
    name: str, given: JsonValue, utterance: Utterance, own: ActiveSchema | None, *, deletes: bool
) -> dict[str, JsonValue]:
    """The values of a class that everybody has, with whom they are about, or of one of the tenant's own."""
    if name in CLASSES:
        return {"subject": utterance.subject, **_values(given, CLASSES[name], deletes=deletes)}
    one = own.find(name) if own is not None else None
    if one is None:
        raise _UnbelievableError("unknown_class", malformed=True)
    values = believed(one, given)
    if values is None:
        raise _UnbelievableError("invalid_values", malformed=True)
    return values


def _values(given: JsonValue, memory_class: MemoryClass, *, deletes: bool) -> dict[str, JsonValue]:
    if not isinstance(given, dict):
        raise _UnbelievableError("invalid_values", malformed=True)
    values: dict[str, JsonValue] = {}
    for name in memory_class.fields:
        value = given.get(name, "")
        if not isinstance(value, str) or len(value) > _LONGEST_VALUE or "\x00" in value:
            raise _UnbelievableError("invalid_values", malformed=True)
        if value.strip():
            values[name] = value.strip()
    if deletes:
        if not any(name in values for name in memory_class.identity):
            raise _UnbelievableError("invalid_values", malformed=True)
    elif fault_of(memory_class, values) is not None:
        raise _UnbelievableError("invalid_values", malformed=True)
    return values


def _content(given: JsonValue) -> str:
    if not isinstance(given, str) or not has_words(given) or "\x00" in given or len(given) > _LONGEST_CONTENT:
        raise _UnbelievableError("invalid_content", malformed=True)
    return given.strip()


def _confidence(given: JsonValue) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 1:
        raise _UnbelievableError("invalid_confidence", malformed=True)
    return float(given)


def _place(quote: JsonValue, content: str) -> tuple[int, int]:
    """Where the quoted words stand: as they are, else without regard to case and typographic apostrophes."""
    if not isinstance(quote, str):
        raise _UnbelievableError("invalid_quote", malformed=True)
    wanted = quote.strip()
    if not has_words(wanted):
        raise _UnbelievableError("quote_not_found")
    start = content.find(wanted)
    if start < 0:
        start = _folded(content).find(_folded(wanted))
    if start < 0:
        raise _UnbelievableError("quote_not_found")
    return start, start + len(wanted)


def _folded(text: str) -> str:
    """Lower case with plain apostrophes, as far as no offset moves."""
    lowered = plain(text).lower()
    return lowered if len(lowered) == len(text) else plain(text)
