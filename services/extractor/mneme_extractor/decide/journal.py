"""What a message of the journal says of its writer: items in four buckets, each under a key (S1-02, S1-03)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mneme_common.domain.journal import JOURNAL, MOST_CHANGES, VALUE_MAX, Bucket, journal_key
from mneme_common.domain.text import words
from mneme_extractor.decide.statement import Statement
from mneme_extractor.decide.utterance import Utterance, plain
from mneme_extractor.decide.valid_time import interval_of

_KEY_WORDS = 5
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "his",
        "her",
        "its",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "and",
        "or",
        "that",
        "this",
        "always",
        "be",
        "i",
        "me",
    ]
)
_FORGET = re.compile(
    r"(?:^|[.!?;,]\s+)(?:please,? )?(?:can you |could you )?(?:please )?(?:forget|delete|remove|erase|unlearn)\b"
    r"(?P<what>[^.!?;]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """The place of an item: no two have the same."""

    bucket: Bucket
    key: str


def read_by_rules(found: Sequence[Statement], utterance: Utterance, known: Sequence[Item]) -> tuple[Statement, ...]:
    """The items among what the rules have found, three at most; those to forget by their key go first."""
    named = [statement_of(item, None, utterance, span) for item, span in named_to_forget(utterance, known)]
    said_on = utterance.occurred_at.date()
    told = [item for statement in found if (item := _item_of(statement, said_on)) is not None]
    return one_of_each([*named, *told])[:MOST_CHANGES]


def one_of_each(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Each place once, with the last word on it."""
    kept: dict[tuple[object, object], Statement] = {}
    for statement in statements:
        place = statement.values["bucket"], statement.values["key"]
        kept.pop(place, None)
        kept[place] = statement
    return tuple(kept.values())


def named_to_forget(utterance: Utterance, known: Sequence[Item]) -> list[tuple[Item, tuple[int, int]]]:
    """The known items whose key the writer names where he asks to forget; of equal keys the one whose bucket he names.

    Nothing is forgotten that is not named exactly: by the words of its key.
    """
    found: list[tuple[Item, tuple[int, int]]] = []
    for match in _FORGET.finditer(plain(utterance.content)):
        said = f" {' '.join(words(match['what'].lower().replace('_', ' ')))} "
        named = [item for item in sorted(known) if f" {' '.join(words(item.key.replace('_', ' ')))} " in said]
        for item in named:
            others = [other for other in named if other.key == item.key]
            if len(others) == 1 or f" {item.bucket.value} " in said:
                found.append((item, (match.start(), match.end())))
    return found


def statement_of(
    item: Item, value: str | None, utterance: Utterance, span: tuple[int, int], confidence: float = 0.9
) -> Statement:
    """The statement that an item has a value, or None any more."""
    name = item.key.replace("_", " ")
    if value is None:
        says, values = f"{utterance.speaker} asked to forget {name}.", {}
    else:
        says, values = f"{name}: {value}", {"value": value}
    return Statement(
        action="delete" if value is None else "create",
        memory_class=JOURNAL,
        values={"bucket": item.bucket.value, "key": item.key, **values},
        content=says,
        confidence=confidence,
        start=span[0],
        end=span[1],
        rule="journal.forget" if value is None else None,
    )


def _item_of(statement: Statement, said_on: date) -> Statement | None:
    """The statement as an item of the journal; what is over by then is told by the journal itself."""
    values = {name: str(value) for name, value in statement.values.items()}
    if statement.memory_class == "event" and not _is_to_come(values.get("when", ""), said_on):
        return None
    bucket, key_of, value_of = _PLACES[statement.memory_class]
    key, value = key_of(values), value_of(values)[:VALUE_MAX]
    if not key:
        return None
    kept = {"bucket": bucket.value, "key": key} | ({"value": value} if value else {})
    return replace(statement, memory_class=JOURNAL, values=dict(kept))


def _is_to_come(when: str, said_on: date) -> bool:
    _, after = interval_of(when)
    return after is not None and after.date() > said_on


def _liking(values: Mapping[str, str]) -> str:
    return f"{values.get('polarity', '')} {values.get('reason', '')}".strip()


def _key_of(text: str) -> str:
    """A key made of the first words that tell something."""
    telling = [word for word in words(text.lower()) if word not in _FILLERS]
    return journal_key("_".join((telling or words(text.lower()))[:_KEY_WORDS]))


_Values = Mapping[str, str]
_PLACES: Mapping[str, tuple[Bucket, Callable[[_Values], str], Callable[[_Values], str]]] = {
    "profile_fact": (Bucket.IDENTITY, lambda of: journal_key(of["attribute"]), lambda of: of.get("value", "")),
    "relation": (
        Bucket.IDENTITY,
        lambda of: journal_key(f"{of['relation']} {of.get('person', '')}"),
        lambda of: of.get("person", ""),
    ),
    "preference": (Bucket.SIGNALS, lambda of: _key_of(of["topic"]), _liking),
    "rule": (Bucket.PRINCIPLES, lambda of: _key_of(of["rule"]), lambda of: of["rule"]),
    "goal": (Bucket.FOCUS, lambda of: _key_of(of["goal"]), lambda of: of["goal"]),
    "event": (Bucket.FOCUS, lambda of: _key_of(of["what"]), lambda of: f"{of['what']} ({of['when']})"),
    "note": (Bucket.SIGNALS, lambda of: _key_of(of["text"]), lambda of: of["text"]),
}
"""Where the rules' classes go, and what becomes key and value."""
