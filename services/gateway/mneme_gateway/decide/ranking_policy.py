"""The oldest of the documented rankings: what contains a word of the query, the latest first (S0-50)."""

from __future__ import annotations

import re

import numpy as np

from mneme_gateway.decide.ranking import Components, Features, Profile

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_WORD_LENGTH_MIN = 3


def words_sought(query: str) -> tuple[str, ...]:
    """The words of three characters and more, lower-cased, each once: a record contains one, or is not meant."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(query.lower()) if len(word) >= _WORD_LENGTH_MIN))


def _components(of: Features) -> Components:
    """1 for the latest candidate, falling in equal steps; those of one moment have the same."""
    ages = np.sort(of.occurred_age)
    return {"latest": (len(ages) - np.searchsorted(ages, of.occurred_age, side="left")) / max(len(ages), 1)}


S0_POLICY = Profile("s0_policy", {"latest": 1.0}, _components, latest_first=True)
"""Messages and memories (S0-50). What may not be kept is refused or replaced when it is written, not here."""
