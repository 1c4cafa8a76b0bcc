"""The default schema: classes good enough for conversation (S1-39; users' own classes come with the schema registry).

Fields that make up the identity are exact (compared as they are, lower-cased) or textual (worded freely: two wordings
may mean the same, which is what BM25 is asked).
"""

from __future__ import annotations

from dataclasses import dataclass

from mneme_common.domain.vocabulary import Kind

SCHEMA_VERSION = "default-1"


@dataclass(frozen=True, slots=True)
class MemoryClass:
    """``searchable`` maps a field to its boost (S1-41); ``exact`` and ``textual`` are the identity fields."""

    name: str
    kind: Kind
    exact: tuple[str, ...]
    textual: tuple[str, ...]
    searchable: dict[str, float]

    @property
    def identity(self) -> tuple[str, ...]:
        """All identity fields."""
        return self.exact + self.textual


_CLASSES = (
    MemoryClass("profile_fact", Kind.TRAIT, ("subject", "attribute"), (), {"attribute": 2.0, "value": 1.0}),
    MemoryClass("preference", Kind.TRAIT, ("subject",), ("topic",), {"topic": 3.0, "reason": 1.0}),
    MemoryClass("rule", Kind.RULE, ("subject",), ("rule",), {"rule": 1.0}),
    MemoryClass("goal", Kind.GOAL, ("subject",), ("goal",), {"goal": 1.0}),
    MemoryClass("event", Kind.EVENT, ("subject", "when"), ("what",), {"what": 1.0}),
    MemoryClass("relation", Kind.FACT, ("subject", "relation", "person"), (), {"relation": 2.0, "person": 3.0}),
    MemoryClass("note", Kind.FACT, (), ("text",), {"text": 1.0}),
)
CLASSES = {memory_class.name: memory_class for memory_class in _CLASSES}
NOTE = CLASSES["note"]
