"""What is said to hold no longer ends the value it names, and no other that has taken its place."""

from __future__ import annotations

from collections.abc import Mapping

from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.text import terms
from mneme_common.domain.vocabulary import ENDED
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.identity import normalise

Values = Mapping[str, JsonValue]


def ends_another(memory_class: MemoryClass, known: Values, proposed: Values) -> bool:
    """Whether the proposal ends a value ("no longer Berlin") while something else ("Porto") is known to hold."""
    return any(
        said.startswith(ENDED) and name in known and not _ended_or_same(normalise(known[name]), said)
        for name, said in _told(memory_class, proposed)
    )


def names_another(memory_class: MemoryClass, known: Values, proposed: Values) -> bool:
    """Whether the proposal to forget names a value, and the memory has another one.

    A class with a worded identity is told apart by that: who says to forget that he likes tea means tea, however he
    is known to care for it.
    """
    return not memory_class.textual and any(
        name in known and not _same(_without_end(normalise(known[name])), _without_end(said))
        for name, said in _told(memory_class, proposed)
    )


def _told(memory_class: MemoryClass, values: Values) -> list[tuple[str, str]]:
    """What is said of the thing that the identity names."""
    return [
        (name, normalise(value))
        for name, value in values.items()
        if name not in memory_class.identity and value not in (None, "")
    ]


def _ended_or_same(known: str, said: str) -> bool:
    return known.startswith(ENDED) or _same(known, _without_end(said))


def _without_end(value: str) -> str:
    return value.removeprefix(ENDED)


def _same(one: str, other: str) -> bool:
    """Equal, or one names the other more precisely ("Berlin", "Berlin, Germany")."""
    left, right = set(terms(one)), set(terms(other))
    return one == other or bool(left and right and (left <= right or right <= left))
