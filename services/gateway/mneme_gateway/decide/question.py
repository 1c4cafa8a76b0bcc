"""What a question says besides its words: whom it names, whether it asks for a time, which dates it means."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mneme_common.domain.text import term, words
from mneme_gateway.decide.question_dates import Days, days_meant
from mneme_gateway.decide.question_words import HOW_WORDS, TIME_UNITS, WHAT_WORDS, WHEN_WORDS


@dataclass(frozen=True, slots=True)
class Question:
    """``terms`` are the index terms without the names of the speakers that are meant; ``days`` are inclusive."""

    terms: Mapping[str, int]
    speakers: frozenset[int]
    asks_when: bool
    days: tuple[Days, ...]


def question_of(text: str, speakers: Mapping[str, Collection[int]], last_day: date) -> Question:
    """Reads a question. ``speakers`` are the numbers of those who have a word in their name.

    ``last_day`` is the conversation's: "last summer" and its like are counted from it.
    """
    asked = [_bare(word) for word in words(text)]
    named = [word for word in asked if word in speakers]
    stripped = {term(word) for word in named}
    every = Counter(found for word in asked if (found := term(word)))
    kept = {found: count for found, count in every.items() if found not in stripped}
    return Question(
        terms=dict(sorted((kept or every).items())),
        speakers=_meant(named, speakers),
        asks_when=_asks_when(asked),
        days=days_meant(asked, last_day),
    )


def _bare(word: str) -> str:
    return word.replace("\u2019", "'").removesuffix("'s")


def _meant(named: Sequence[str], speakers: Mapping[str, Collection[int]]) -> frozenset[int]:
    """All that are named; of several with a name in common those whom most words name."""
    votes = Counter(number for word in set(named) for number in speakers[word])
    return frozenset(
        number
        for word in set(named)
        for number in speakers[word]
        if votes[number] == max(votes[other] for other in speakers[word])
    )


def _asks_when(asked: Sequence[str]) -> bool:
    if any(word in WHEN_WORDS for word in asked):
        return True
    pairs = itertools.pairwise(asked)
    if any(first in WHAT_WORDS | HOW_WORDS and second in TIME_UNITS for first, second in pairs):
        return True
    triples = zip(asked, asked[2:], strict=False)
    return any(first in HOW_WORDS and third in TIME_UNITS for first, third in triples)
