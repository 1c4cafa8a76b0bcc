"""Whether two wordings of a field say the same, one says more than the other, or they speak of different things.

Words of grammar are left out, words that are used for one another count as one, and three things are kept apart from
the rest because they turn one statement into another: negation, amounts, and small words such as "before" and
"without". A wording says more than another when it goes on where the other ends ("run a marathon in Berlin").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from mneme_common.domain.text import term, words
from mneme_resolver.decide.word_groups import (
    AMOUNT,
    AMOUNTS,
    GROUP_OF,
    LIGHT,
    NEGATIVE,
    OPENERS,
    POSITIVE,
    TELLING,
    joined,
)

_CACHED = 65_536
"""Words, not texts: what was said is not kept here."""


class Comparison(Enum):
    """How a wording relates to another one."""

    SAME = auto()
    MORE = auto()
    LESS = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Wording:
    """``steps`` are all words that count, in order; ``content`` those of them that name things."""

    steps: tuple[str, ...]
    content: tuple[str, ...]
    amounts: tuple[str, ...]
    telling: frozenset[str]
    negative: bool
    directed: bool


def wording_of(text: str) -> Wording:
    """The words of a text that count."""
    found = words(joined(text.lower()))
    steps: list[str] = []
    content: list[str] = []
    amounts: list[str] = []
    for word in found:
        folded = _folded(word)
        if amount := _amount(word):
            amounts.append(amount)
            steps.append(AMOUNT)
        elif word in TELLING or word in OPENERS:
            steps.append(word)
        elif folded and folded not in LIGHT:
            content.append(folded)
            steps.append(folded)
    spoken = set(found)
    return Wording(
        steps=tuple(steps),
        content=tuple(content),
        amounts=tuple(amounts),
        telling=frozenset(spoken & TELLING),
        negative=any(word in NEGATIVE or word.endswith("n't") for word in found),
        directed={"from", "to"} <= spoken or bool(spoken & {"than", "instead", "over"}),
    )


def compare(ours: Wording, theirs: Wording) -> Comparison:
    """How ours relates to theirs, whatever the amounts and the signs (``same_amounts`` and ``negative`` tell those)."""
    more, less = Counter(ours.content) - Counter(theirs.content), Counter(theirs.content) - Counter(ours.content)
    if more and less:
        return Comparison.OTHER
    if _goes_on(ours.steps, theirs.steps):
        return Comparison.MORE
    if _goes_on(theirs.steps, ours.steps):
        return Comparison.LESS
    if more or less or ours.telling != theirs.telling or len(ours.amounts) != len(theirs.amounts):
        return Comparison.OTHER
    if ours.content != theirs.content and (ours.directed or theirs.directed):
        return Comparison.OTHER
    return Comparison.SAME


def same_amounts(ours: Wording, theirs: Wording) -> bool:
    """Whether no amount that both name differs."""
    return all(one == other for one, other in zip(ours.amounts, theirs.amounts, strict=False))


def search_terms(text: str, *, any_amount: bool) -> tuple[str, ...]:
    """The terms by which a wording is found. Amounts are terms, or one term for all of them."""
    wording = wording_of(text)
    amounts = (AMOUNT,) * len(wording.amounts) if any_amount else wording.amounts
    return wording.content + amounts


def _goes_on(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    rest = longer[len(shorter) :]
    return bool(shorter and rest) and tuple(longer[: len(shorter)]) == tuple(shorter) and rest[0] in OPENERS


@lru_cache(maxsize=_CACHED)
def _folded(word: str) -> str:
    if word in NEGATIVE or word in POSITIVE or word.endswith("n't"):
        return ""
    found = term(word)
    return GROUP_OF.get(found, found)


def _amount(word: str) -> str:
    if word in AMOUNTS:
        return AMOUNTS[word]
    return word if word.isdecimal() else ""
