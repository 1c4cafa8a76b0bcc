"""What a clause must contain for a pattern to match it, read off the pattern: spares most rules most clauses.

Nothing here can lose a match: a text is required only where every way through the pattern passes it (the idea of
Russ Cox, "Regular Expression Matching with a Trigram Index", 2012). What the analysis does not know requires nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as kinds  # type: ignore[attr-defined,unused-ignore]  # no public name
from re import _parser as parser  # type: ignore[attr-defined,unused-ignore]  # the same
from typing import Any

Texts = frozenset[str]
_NOTHING: Texts = frozenset()
TRIGRAM = 3
"""Letters."""

_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)


def required_trigrams(pattern: re.Pattern[str]) -> Texts:
    """Three letters each, in lower case, one of which is in everything that the pattern matches; none: no telling."""
    texts = _of_sequence(parser.parse(pattern.pattern, pattern.flags))
    return frozenset(_rarest(text) for text in texts)


def _of_sequence(parts: Sequence[tuple[Any, Any]]) -> Texts:
    """The best that one of the parts, or a run of letters among them, requires."""
    candidates: list[Texts] = []
    run = ""
    for kind, value in parts:
        if kind is kinds.LITERAL:
            run += chr(value).lower()
        elif kind is not kinds.AT:
            candidates += [frozenset({run}), _of_part(kind, value)]
            run = ""
    candidates.append(frozenset({run}))
    useful = [texts for texts in candidates if texts and min(map(len, texts)) >= TRIGRAM]
    return min(useful, key=_frequency, default=_NOTHING)


def _of_part(kind: Any, value: Any) -> Texts:
    if kind is kinds.SUBPATTERN:
        return _of_sequence(value[-1])
    if kind is kinds.ATOMIC_GROUP:
        return _of_sequence(value)
    if kind in _REPEATS and value[0] > 0:
        return _of_sequence(value[2])
    if kind is kinds.BRANCH:
        ways = [_of_sequence(way) for way in value[1]]
        return frozenset().union(*ways) if all(ways) else _NOTHING
    return _NOTHING


def _frequency(texts: Texts) -> float:
    """How often one of the texts may be met, as far as letters tell."""
    return sum(_chance(_rarest(text)) for text in texts)


def _rarest(text: str) -> str:
    return min((text[at : at + TRIGRAM] for at in range(len(text) - TRIGRAM + 1)), key=_chance)


def _chance(trigram: str) -> float:
    chance = 1.0
    for letter in trigram:
        chance *= _LETTERS.get(letter, 0.5)
    return chance


_LETTERS = dict(
    zip(
        " etaoinshrdlucmfwypvbgkjqxz'",
        (18, 10, 7.5, 6.5, 6.2, 5.7, 5.7, 5.3, 5, 5, 3.5, 3.3, 2.3, 2.3, 2.1, 2, 1.7, 1.6, 1.5, 0.8, 1.3, 1.6, 0.6, 0.1,
         0.1, 0.1, 0.1, 0.5),
        strict=True,
    )
)  # fmt: skip
"""Per cent of English text."""
