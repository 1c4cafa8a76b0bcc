"""What a rule of the deterministic extractor is: a pattern over a clause, and what it says when it matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mneme_extractor.decide.clauses import Clause
from mneme_extractor.decide.statement import Action

AM = (
    r"(?:i'm|i am|im)(?: (?:also|actually|really|still|now|currently|just|only|basically|technically|mostly"
    r"|mainly))*"
)
"""The opening of "I am", with the adverbs that change nothing."""
ALSO = (
    r"(?: (?:also|actually|really|still|now|currently|just|always|usually|mostly|generally|personally"
    r"|absolutely|truly|honestly|definitely|simply|totally|especially|particularly|kinda|sure|mainly|do))*"
)
"""Adverbs between "I" and the verb that change nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding in a clause. ``says`` follows the speaker's name ("lives in Berlin", "'s sister is Anna").

    ``start`` and ``end`` are offsets into the clause; the default is all of it.
    """

    memory_class: str
    values: Mapping[str, str]
    says: str
    action: Action = "create"
    start: int = 0
    end: int | None = None


Build = Callable[[re.Match[str], Clause, date], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` is matched at the start of a clause, or anywhere in it with ``anywhere``.

    ``supposable`` rules also hold in clauses that are not asserted as facts ("if I ask for code, always use Python").
    ``corrects`` rules find what replaces something that held before.
    """

    name: str
    pattern: re.Pattern[str]
    build: Build
    confidence: float = 0.9
    anywhere: bool = False
    supposable: bool = False
    corrects: bool = False


def pattern(text: str) -> re.Pattern[str]:
    """A compiled pattern; case does not matter."""
    return re.compile(text, re.IGNORECASE)
