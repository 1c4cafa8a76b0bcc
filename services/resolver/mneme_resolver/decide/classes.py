"""The default schema: classes good enough for conversation (S1-39); ``tenant_classes`` adds those of a tenant.

Fields that make up the identity are exact (compared as they are, lower-cased, aliases as what they stand for) or
textual (worded freely: two wordings may mean the same, which is what BM25 is asked).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mneme_common.domain.journal import JOURNAL, KIND_OF_BUCKET
from mneme_common.domain.memory_schema import ClassDefinition
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vocabulary import Kind

SCHEMA_VERSION = "default-1"


@dataclass(frozen=True, slots=True)
class Likeness:
    """When two statements of a class are about one thing although they differ. By default, never.

    ``reversible``: one denies what the other affirms. ``measurable``: they name other amounts. ``extensible``: one goes
    on where the other ends; with ``narrowing`` the shorter one then replaces the longer, else it adds nothing to it.
    ``correctable`` names the exact fields that a correction may change, and ``single`` the values of another exact
    field for which there is only one at a time.
    """

    reversible: bool = False
    measurable: bool = False
    extensible: bool = False
    narrowing: bool = False
    correctable: tuple[str, ...] = ()
    single: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryClass:
    """``searchable`` maps a field to its boost (S1-41); ``exact`` and ``textual`` are the identity fields.

    ``labels`` are those exact fields that name a property and not a thing, for which people use many words. A
    tenant's own class has a ``definition``, and ``schema_version`` says since which version it is as it is. Where
    ``kinds`` are given, the kind follows from the field ``kind_field``. With ``named`` the identity is a name that
    somebody chose: what is revised cannot take the name of another.
    """

    name: str
    kind: Kind
    exact: tuple[str, ...]
    textual: tuple[str, ...]
    searchable: dict[str, float]
    likeness: Likeness = Likeness()
    labels: tuple[str, ...] = ()
    schema_version: str = SCHEMA_VERSION
    definition: ClassDefinition | None = None
    kind_field: str = ""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    named: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """All identity fields."""
        return self.exact + self.textual

    def kind_of(self, values: Mapping[str, JsonValue]) -> Kind:
        """What sort of knowledge a memory with these values is."""
        return self.kinds.get(str(values.get(self.kind_field)), self.kind)


_PARTNERS = frozenset({"wife", "husband", "spouse", "fianc", "girlfriend", "boyfriend"})
_STATEMENT = Likeness(reversible=True, extensible=True)
_CLASSES = (
    MemoryClass(
        "profile_fact",
        Kind.TRAIT,
        ("subject", "attribute"),
        (),
        {"attribute": 2.0, "value": 1.0},
        labels=("attribute",),
    ),
    MemoryClass("preference", Kind.TRAIT, ("subject",), ("topic",), {"topic": 3.0, "reason": 1.0}),
    MemoryClass(
        "rule",
        Kind.RULE,
        ("subject",),
        ("rule",),
        {"rule": 1.0},
        Likeness(reversible=True, measurable=True, extensible=True, narrowing=True),
    ),
    MemoryClass(
        "goal",
        Kind.GOAL,
        ("subject",),
        ("goal",),
        {"goal": 1.0},
        Likeness(reversible=True, measurable=True, extensible=True),
    ),
    MemoryClass(
        "event",
        Kind.EVENT,
        ("subject", "when"),
        ("what",),
        {"what": 1.0},
        Likeness(reversible=True, extensible=True, correctable=("when",)),
    ),
    MemoryClass(
        "relation",
        Kind.FACT,
        ("subject", "relation", "person"),
        (),
        {"relation": 2.0, "person": 3.0},
        Likeness(correctable=("person",), single={"relation": _PARTNERS}),
        labels=("relation",),
    ),
    MemoryClass("note", Kind.FACT, ("subject",), ("text",), {"text": 1.0}, _STATEMENT),
    MemoryClass(
        JOURNAL,
        Kind.SIGNAL,
        ("bucket", "key"),
        (),
        {"key": 2.0, "value": 1.0},
        kind_field="bucket",
        kinds=KIND_OF_BUCKET,
        named=True,
    ),
)
CLASSES = {memory_class.name: memory_class for memory_class in _CLASSES}
NOTE = CLASSES["note"]
