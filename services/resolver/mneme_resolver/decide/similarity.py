"""Which live memory a proposal is about: identity first, then BM25 and its thresholds (S1-44)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_resolver.decide.bm25 import weighted_terms
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.decision import Action, Candidate
from mneme_resolver.decide.ending import names_another
from mneme_resolver.decide.identity import identity_of, object_key
from mneme_resolver.decide.state import UserState

UPDATE_FROM = 0.80
UPSERT_FROM = 0.55
THRESHOLDS = {"update": UPDATE_FROM, "upsert": UPSERT_FROM}


def match_proposal(
    memory_class: MemoryClass, values: Mapping[str, JsonValue], namespace: str | None, state: UserState
) -> Action:
    """Create or update, with the candidates and the rule that decided.

    An exact identity field that differs always forbids an update, however similar the words; in the band between the
    thresholds every identity field does, and one at least has to agree.
    """
    if state.create_only:
        return Action(action="create", basis="create_only", rule="kill_switch")
    known = state.with_identity(memory_class.name, object_key(memory_class, values, namespace))
    if known is not None:
        return Action(action="update", basis="identity", target=known.memory_id, rule="same_identity")
    candidates = [
        _candidate(memory_class, values, state.memories[memory_id], score)
        for memory_id, score in state.index(memory_class.name).scores(weighted_terms(memory_class, values))
        if state.memories[memory_id].namespace == namespace
    ]
    target, rule = _choose(memory_class, values, candidates, state)
    score = candidates[0].score if candidates else None
    if target is None:
        return Action(action="create", basis="bm25", rule=rule, score=score, candidates=candidates)
    return Action(action="update", basis="bm25", target=target, rule=rule, score=score, candidates=candidates)


def match_deletion(
    memory_class: MemoryClass, values: Mapping[str, JsonValue], namespace: str | None, state: UserState
) -> Action:
    """Delete the one live memory that has all the identity fields given; drop when none or several have (S1-44)."""
    wanted = identity_of(memory_class, values)
    telling = [name for name in wanted if name != "subject"]
    found = [
        memory
        for memory in state.of_class(memory_class.name)
        if memory.namespace == namespace and wanted.items() <= identity_of(memory_class, memory.values).items()
    ]
    if not telling or len(found) != 1:
        rule = "no_such_memory" if not found else "ambiguous"
        candidates = [Candidate(memory_id=memory.memory_id, score=1.0, overlap=True) for memory in found[:5]]
        return Action(action="drop", basis="identity", rule=rule, candidates=candidates)
    if names_another(memory_class, found[0].values, values):
        return Action(action="drop", basis="identity", target=found[0].memory_id, rule="another_value")
    return Action(action="delete", basis="identity", target=found[0].memory_id, rule="same_identity")


def _choose(
    memory_class: MemoryClass, values: Mapping[str, JsonValue], candidates: list[Candidate], state: UserState
) -> tuple[UUID | None, str]:
    for candidate in candidates:
        if candidate.score >= UPDATE_FROM:
            known = state.memories[candidate.memory_id]
            if not _contradicts(memory_class.exact, memory_class, values, known):
                return candidate.memory_id, "similar"
        elif candidate.score >= UPSERT_FROM and candidate.overlap and not candidate.contradicts:
            return candidate.memory_id, "similar_and_partly_identical"
    return None, "nothing_similar" if not candidates or candidates[0].score < UPSERT_FROM else "another_identity"


def _candidate(memory_class: MemoryClass, values: Mapping[str, JsonValue], known: Memory, score: float) -> Candidate:
    ours, theirs = identity_of(memory_class, values), identity_of(memory_class, known.values)
    overlap = any(theirs.get(name) == value for name, value in ours.items())
    contradicts = _contradicts(memory_class.identity, memory_class, values, known)
    return Candidate(memory_id=known.memory_id, score=round(score, 6), overlap=overlap, contradicts=contradicts)


def _contradicts(
    fields: tuple[str, ...], memory_class: MemoryClass, values: Mapping[str, JsonValue], known: Memory
) -> bool:
    ours, theirs = identity_of(memory_class, values), identity_of(memory_class, known.values)
    return any(name in ours and name in theirs and ours[name] != theirs[name] for name in fields)
