"""When two things that were found say the same (features.md, Part 4, item 6; docs/decisions/0019).

A cosine of 0.95 is not enough: small embeddings know no order and hardly a negation, and "not allergic to
peanuts" is at 0.98 of "allergic to peanuts". So the later text must also say nothing that the earlier does not.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from mneme_common.domain.text import term, words
from mneme_common.domain.vectors import Vector

SIMILAR_FROM = 0.95
K = TypeVar("K", bound=Hashable)

_NOT = "not"
_NEGATIONS = frozenset({"no", "not", "nor", "never", "neither", "cannot"})


@dataclass(frozen=True, slots=True)
class Statement:
    """Something found, as it is compared: its text, who says it, and its vector where there is one.

    ``record_id`` names it for others. ``rests_on`` are the records that it was distilled from and says in full,
    ``drawn_from`` those that it was extracted from.
    """

    root: str
    text: str
    speaker: str | None = None
    vector: Vector | None = None
    record_id: str = ""
    rests_on: frozenset[str] = frozenset()
    drawn_from: frozenset[str] = frozenset()


class Repetitions:
    """Compares statements by their places."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._said = [said_in(statement.text) for statement in statements]
        self._near = _near(statements)
        self._of_root = _groups([statement.root for statement in statements])
        self._of_words = _groups(self._said)
        self._distilled = _linked(statements, [statement.rests_on for statement in statements])
        self._extracted = _linked(statements, [statement.drawn_from for statement in statements])

    def first(self, later: int, kept: Collection[int]) -> int | None:
        """The first of the kept statements to which the later one adds nothing, None when it adds to all.

        What all sources of a reflection say is said when they are all kept.
        """
        sources = [self._distilled.place_of.get(name) for name in self._statements[later].rests_on]
        if sources and all(source is not None and source in kept for source in sources):
            return min(source for source in sources if source is not None)
        alike = self._of_root[self._statements[later].root] | self._of_words[self._said[later]]
        linked = self._distilled.of[later] | self._extracted.of[later]
        possible = (alike | linked | self._near.get(later, frozenset())).intersection(kept)
        return next((earlier for earlier in sorted(possible) if self._repeats(later, earlier)), None)

    def _repeats(self, later: int, earlier: int) -> bool:
        """Another version of it, a reflection on it, the same words, or nearly the same."""
        one, other = self._statements[later], self._statements[earlier]
        if one.root == other.root or one.record_id in other.rests_on:
            return True
        said, before = self._said[later], self._said[earlier]
        if said and said == before:
            return _one_speaker(one, other)
        if earlier in self._extracted.of[later]:
            return bool(said) and _follows(_without_name(said, other.speaker), before)
        is_near = earlier in self._near.get(later, ())
        return is_near and _follows(said, before) and _one_speaker(one, other)


@dataclass(frozen=True, slots=True)
class _Links:
    """Which places name each other, either way; and the places of the ids."""

    of: Sequence[frozenset[int]]
    place_of: Mapping[str, int]


def _linked(statements: Sequence[Statement], named: Sequence[frozenset[str]]) -> _Links:
    place_of = {statement.record_id: place for place, statement in enumerate(statements) if statement.record_id}
    links: list[set[int]] = [set() for _ in statements]
    for place, names in enumerate(named):
        for other in (place_of[name] for name in names if name in place_of):
            links[place].add(other)
            links[other].add(place)
    return _Links([frozenset(found) for found in links], place_of)


def _one_speaker(one: Statement, other: Statement) -> bool:
    return None in (one.speaker, other.speaker) or one.speaker == other.speaker


def _without_name(said: Sequence[str], speaker: str | None) -> list[str]:
    """What is said of the speaker, as the speaker says it: "Ada likes tea" is "I like tea" of Ada's."""
    name = frozenset() if speaker is None else frozenset(said_in(speaker))
    return [word for word in said if word not in name]


def said_in(text: str) -> tuple[str, ...]:
    """The index terms of a text in order, and its negations, which are no index terms."""
    return tuple(found for word in words(text) if (found := term(word) or _negation(word)))


def _groups(keys: Sequence[K]) -> dict[K, frozenset[int]]:
    """The places of each key."""
    places: dict[K, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return {key: frozenset(found) for key, found in places.items()}


def _has_vector(statement: Statement) -> bool:
    """Whether its vector can be compared: a text of unknown words has one of zeros."""
    return statement.vector is not None and bool(statement.vector.any())


def _near(statements: Sequence[Statement]) -> dict[int, frozenset[int]]:
    """The statements near each of those that have a vector."""
    places = [place for place, one in enumerate(statements) if _has_vector(one)]
    if not places:
        return {}
    vectors = np.stack([np.asarray(statements[place].vector) for place in places])
    found = vectors @ vectors.T >= SIMILAR_FROM
    return {
        place: frozenset(places[near] for near in np.flatnonzero(row)) for place, row in zip(places, found, strict=True)
    }


def _follows(said: Sequence[str], within: Sequence[str]) -> bool:
    """Whether all that is said occurs within, in the same order and as often denied."""
    if said.count(_NOT) != within.count(_NOT):
        return False
    rest = iter(within)
    return all(word in rest for word in said)


def _negation(word: str) -> str:
    plain = word.replace("\u2019", "'")
    return _NOT if plain in _NEGATIONS or plain.endswith("n't") else ""
