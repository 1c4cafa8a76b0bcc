"""Reading a model's answer about a message of the journal: an item that cannot be checked is dropped (S1-03)."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from mneme_common.contracts.chat import ChatAnswer
from mneme_common.domain.journal import MOST_CHANGES, VALUE_MAX, Bucket, journal_key
from mneme_common.domain.metadata import JsonValue
from mneme_extractor.decide.journal import Item, named_to_forget, one_of_each, statement_of
from mneme_extractor.decide.journal_prompt import ACTIONS
from mneme_extractor.decide.model_output import Reading, without_frame
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, has_words

_CONFIDENCE = 0.8
_UNUSABLE = "unusable_answer"


def read_actions(answer: ChatAnswer, utterance: Utterance, known: Sequence[Item]) -> Reading:
    """The statements that hold, three at most, and why others do not; a key is deleted only if its writer names it."""
    if answer.refusal is not None or answer.finish in ("content_filter", "length"):
        return Reading(dropped=(_UNUSABLE,))
    try:
        data = orjson.loads(without_frame(answer.text))
    except orjson.JSONDecodeError:
        return Reading(dropped=(_UNUSABLE,))
    items = data.get("actions") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return Reading(dropped=(_UNUSABLE,))
    named = {item for item, _ in named_to_forget(utterance, known)}
    read = [_statement(item, utterance, named) for item in items]
    kept = one_of_each(statement for statement in read if isinstance(statement, Statement))
    dropped = [reason for reason in read if isinstance(reason, str)]
    return Reading(kept[:MOST_CHANGES], (*dropped, *["too_many"] * max(0, len(kept) - MOST_CHANGES)))


def _statement(item: JsonValue, utterance: Utterance, named: set[Item]) -> Statement | str:
    """The statement of an action, or the reason why it is not believed."""
    if not isinstance(item, dict) or item.get("action") not in ACTIONS:
        return "unknown_action"
    if item.get("bucket") not in set(Bucket):
        return "unknown_bucket"
    place = Item(Bucket(str(item["bucket"])), journal_key(_text(item.get("key"))))
    span = _place(item.get("quote"), utterance.content)
    if not place.key or span is None:
        return "quote_not_found" if place.key else "invalid_key"
    value = None if item["action"] == "delete" else _text(item.get("value")).strip()
    if (fault := _fault_of(value, asked=place in named)) is not None:
        return fault
    return statement_of(place, value, utterance, span, _CONFIDENCE)


def _fault_of(value: str | None, *, asked: bool) -> str | None:
    if value is None:
        return None if asked else "delete_not_asked"
    return None if has_words(value) and len(value) <= VALUE_MAX and "\x00" not in value else "invalid_value"


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _place(quote: JsonValue, content: str) -> tuple[int, int] | None:
    """Where the quoted words stand; the whole message when none are quoted."""
    wanted = _text(quote).strip()
    if not wanted:
        return 0, len(content)
    start = content.lower().find(wanted.lower())
    return None if start < 0 else (start, start + len(wanted))
