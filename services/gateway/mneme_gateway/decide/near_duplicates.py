"""When two things that were found say the same (features.md, Part 4, item 6; docs/decisions/0019).

A cosine of 0.95 is not enough: small embeddings know no order and hardly a negation, and "not allergic to
peanuts" is at 0.98 of "allergic to peanuts". So the later text must also say nothing that the earlier does not.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from mneme_common.domain.text import term, words
from mneme_common.domain.vectors import Vector

SIMILAR_FROM = 0.95
K = TypeVar("K", bound=Hashable)

_NEGATIONS = frozenset({"no", "not", "nor", "never", "neither", "cannot"})


@dataclass(frozen=True, slots=True)
class Statement:
    """Something found, as it is compared: its text, who says it, and its vector where there is one."""

    root: str
    text: str
    speaker: str | None = None
    vector: Vector | None = None


class Repetitions:
    """Compares statements by their places."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._said = [said_in(statement.text) for statement in statements]
        self._near = _near(statements)
        self._of_root = _groups([statement.root for statement in statements])
        self._of_words = _groups(self._said)

    def first(self, later: int, kept: Collection[int]) -> int | None:
        """The first of the kept statements to which the later one adds nothing, None when it adds to all."""
        alike = self._of_root[self._statements[later].root] | self._of_words[self._said[later]]
        possible = (alike | self._near.get(later, frozenset())).intersection(kept)
        return next((earlier for earlier in sorted(possible) if self._repeats(later, earlier)), None)

    def _repeats(self, later: int, earlier: int) -> bool:
        """Another version of it, the same words, or nearly the same."""
        one, other = self._statements[later], self._statements[earlier]
        if one.root == other.root:
            return True
        said, before = self._said[later], self._said[earlier]
        is_near = earlier in self._near.get(later, ())
        if not (said and said == before) and not (is_near and _follows(said, before)):
            return False
        return None in (one.speaker, other.speaker) or one.speaker == other.speaker


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


def _follows(said: Sequence[str], within: Iterable[str]) -> bool:
    """Whether all that is said occurs within, in the same order."""
    rest = iter(within)
    return all(word in rest for word in said)


def _negation(word: str) -> str:
    plain = word.replace("\u2019", "'")
    return "not" if plain in _NEGATIONS or plain.endswith("n't") else ""
