"""When two things that were found say the same (features.md, Part 4, item 6; docs/decisions/0019).

A cosine of 0.95 is not enough: small embeddings know no order and hardly a negation, and "not allergic to
peanuts" is at 0.98 of "allergic to peanuts". So the later text must also say nothing that the earlier does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mneme_common.domain.text import term, words
from mneme_common.domain.vectors import Vector

SIMILAR_FROM = 0.95
_NEGATIONS = frozenset({"no", "not", "nor", "never", "neither", "cannot"})


@dataclass(frozen=True, slots=True)
class Statement:
    """Something found, as it is compared: what it says, who says it, and its vector where there is one."""

    root: str
    said: tuple[str, ...]
    speaker: str | None = None
    vector: Vector | None = None


def said_in(text: str) -> tuple[str, ...]:
    """The index terms of a text in order, and its negations, which are no index terms."""
    return tuple(found for word in words(text) if (found := term(word) or _negation(word)))


def repeats(later: Statement, earlier: Statement) -> bool:
    """Whether the later adds nothing to the earlier: another version of it, the same words, or nearly the same."""
    if later.root == earlier.root:
        return True
    if None not in (later.speaker, earlier.speaker) and later.speaker != earlier.speaker:
        return False
    if later.said and later.said == earlier.said:
        return True
    return _similar(later.vector, earlier.vector) and _follows(later.said, earlier.said)


def _similar(one: Vector | None, other: Vector | None) -> bool:
    return one is not None and other is not None and float(np.dot(one, other)) >= SIMILAR_FROM


def _follows(said: Sequence[str], within: Iterable[str]) -> bool:
    """Whether all that is said occurs within, in the same order."""
    rest = iter(within)
    return all(word in rest for word in said)


def _negation(word: str) -> str:
    plain = word.replace("\u2019", "'")
    return "not" if plain in _NEGATIONS or plain.endswith("n't") else ""
