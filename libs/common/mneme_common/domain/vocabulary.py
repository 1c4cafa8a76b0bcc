"""The closed vocabularies of the product, and how its two families of memory types map (features.md, C1)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Who speaks in a message (S2-01)."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class Kind(StrEnum):
    """What sort of knowledge a memory is (S1-10)."""

    FACT = "fact"
    EVENT = "event"
    GOAL = "goal"
    RULE = "rule"
    TRAIT = "trait"
    SIGNAL = "signal"
    DOCUMENT = "document"


class MemoryType(StrEnum):
    """How a memory serves an agent (S4-04)."""

    SEMANTIC = "semantic"
    PROFILE = "profile"
    PROCEDURAL = "procedural"
    WORKING = "working"
    TOOL_RESULT = "tool_result"
    EPISODIC = "episodic"


class TrustTier(StrEnum):
    """How far a memory is trusted: T1 verified, T2 curated, T3 inferred, T4 unverified (S4-11)."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"


class Status(StrEnum):
    """The life of one version of a record (features.md 2.2, "removal")."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    ARCHIVED = "archived"
    EXPIRED = "expired"
    FORGOTTEN = "forgotten"
    DELETED = "deleted"


ENDED = "no longer "
"""What the value of a field starts with when it says what holds no more."""

INITIAL_CONFIDENCE = {TrustTier.T1: 0.95, TrustTier.T2: 0.85, TrustTier.T3: 0.65, TrustTier.T4: 0.40}
CONFIDENCE_DECAY_DAYS = {TrustTier.T1: 365.0, TrustTier.T2: 180.0, TrustTier.T3: 60.0, TrustTier.T4: 30.0}

MEMORY_TYPE_OF_KIND = {
    Kind.FACT: MemoryType.SEMANTIC,
    Kind.SIGNAL: MemoryType.SEMANTIC,
    Kind.DOCUMENT: MemoryType.SEMANTIC,
    Kind.GOAL: MemoryType.SEMANTIC,
    Kind.EVENT: MemoryType.EPISODIC,
    Kind.RULE: MemoryType.PROCEDURAL,
    Kind.TRAIT: MemoryType.PROFILE,
}
KIND_OF_MEMORY_TYPE = {
    MemoryType.SEMANTIC: Kind.FACT,
    MemoryType.WORKING: Kind.FACT,
    MemoryType.TOOL_RESULT: Kind.DOCUMENT,
    MemoryType.PROFILE: Kind.TRAIT,
    MemoryType.PROCEDURAL: Kind.RULE,
    MemoryType.EPISODIC: Kind.EVENT,
}


def reconcile_types(memory_type: MemoryType | Kind | None, kind: Kind | None) -> tuple[Kind, MemoryType]:
    """Both type names from whichever is given (C1); an S1 name in ``memory_type`` counts as ``kind``."""
    if isinstance(memory_type, Kind):
        memory_type, kind = None, kind or memory_type
    if memory_type is None:
        chosen = kind or Kind.FACT
        return chosen, MEMORY_TYPE_OF_KIND[chosen]
    return kind or KIND_OF_MEMORY_TYPE[memory_type], memory_type
