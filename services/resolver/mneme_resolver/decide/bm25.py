"""BM25 between a proposal and the live memories of its class, as a share of the proposal's score against itself.

k1 1.2, b 0.75, field boosts (Part 4 item 7). 1 means: as good as the proposal's own words.

The rarity of a term is taken over the user's memories, the proposal itself and a small background in which no term
occurs. Without it the words of a user's only memory would count as common, and any other word as far rarer than them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.domain.metadata import JsonValue
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.wording import search_terms

K1, B = 1.2, 0.75
BACKGROUND = 20
"""Documents."""


Terms = dict[str, float]
"""Term → boosted frequency."""


def weighted_terms(memory_class: MemoryClass, values: Mapping[str, JsonValue]) -> Terms:
    """The terms of the searchable fields."""
    counted: Terms = {}
    for name, boost in memory_class.searchable.items():
        value = values.get(name)
        if isinstance(value, list):
            value = " ".join(item for item in value if isinstance(item, str))
        if isinstance(value, (str, int, float)):
            for term in search_terms(str(value), any_amount=memory_class.likeness.measurable):
                counted[term] = counted.get(term, 0.0) + boost
    return counted


@dataclass(slots=True)
class ClassIndex:
    """The live memories of one class of one user."""

    documents: dict[UUID, Terms] = field(default_factory=dict)
    lengths: dict[UUID, float] = field(default_factory=dict)
    postings: dict[str, set[UUID]] = field(default_factory=dict)
    total_length: float = 0.0

    def add(self, memory_id: UUID, document: Terms) -> None:
        """Adds a memory's terms; one that is there stays as it is, since a version never changes."""
        if memory_id in self.documents:
            return
        self.documents[memory_id] = document
        self.lengths[memory_id] = sum(document.values())
        self.total_length += self.lengths[memory_id]
        for term in document:
            self.postings.setdefault(term, set()).add(memory_id)

    def remove(self, memory_id: UUID) -> None:
        """Removes a memory; one that is not there is ignored."""
        document = self.documents.pop(memory_id, None)
        if document is None:
            return
        self.total_length -= self.lengths.pop(memory_id)
        for term in document:
            self.postings[term].discard(memory_id)

    def scores(self, query: Terms, best: int = 5) -> list[tuple[UUID, float]]:
        """The best memories sharing a term with the query, score 0..1, best first, ties by id."""
        if not query or not self.documents:
            return []
        average = self.total_length / len(self.documents)
        own = self._score(query, query, sum(query.values()), average)
        if own <= 0:
            return []
        found: Iterable[UUID] = set[UUID]().union(*(self.postings.get(term, set()) for term in query))
        scored = [
            (memory_id, min(1.0, self._score(query, self.documents[memory_id], self.lengths[memory_id], average) / own))
            for memory_id in found
        ]
        return sorted(scored, key=lambda item: (-item[1], item[0]))[:best]

    def _score(self, query: Terms, document: Terms, length: float, average: float) -> float:
        norm = K1 * (1 - B + B * length / average) if average else K1
        return sum(
            self._idf(term) * document[term] * (K1 + 1) / (document[term] + norm) for term in query if term in document
        )

    def _idf(self, term: str) -> float:
        count = len(self.postings.get(term, ())) + 1
        return math.log(1 + (len(self.documents) + 1 + BACKGROUND - count + 0.5) / (count + 0.5))
