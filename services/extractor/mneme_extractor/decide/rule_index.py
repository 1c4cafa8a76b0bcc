"""Rules by what a clause must contain for them to match: of a hundred rules nine are tried on a clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mneme_extractor.decide.required_texts import TRIGRAM, required_trigrams
from mneme_extractor.decide.rule import Rule


class RuleIndex:
    """Rules in their order."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._always: list[int] = []
        self._by_trigram: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            required = required_trigrams(rule.pattern)
            for trigram in required:
                self._by_trigram.setdefault(trigram, []).append(place)
            if not required:
                self._always.append(place)

    def candidates(self, text: str) -> Sequence[Rule]:
        """The rules that can match the text; all where it has letters that a pattern may take for ASCII's."""
        if not text.isascii():
            return self._rules
        lowered = text.lower()
        there = {lowered[at : at + TRIGRAM] for at in range(len(lowered) - TRIGRAM + 1)}
        places = set(self._always)
        for trigram in there & self._by_trigram.keys():
            places.update(self._by_trigram[trigram])
        return [self._rules[place] for place in sorted(places)]
