"""Which live memory a proposal is about: identity first, then BM25 and its thresholds (S1-44).

However similar the words, a memory is never updated by a proposal that speaks of something else: every identity field
that both fill has to say the same of the same thing (``MemoryClass.likeness`` says what that means for a class).
"""

from __future__ import annotations

from collections.abc import Mapping

from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_resolver.decide.bm25 import weighted_terms
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.decision import Action, Candidate
from mneme_resolver.decide.ending import names_another
from mneme_resolver.decide.identity import identity_of, object_key
from mneme_resolver.decide.state import UserState
from mneme_resolver.decide.wording import Comparison, compare, same_amounts, wording_of

UPDATE_FROM = 0.80
UPSERT_FROM = 0.55
THRESHOLDS = {"update": UPDATE_FROM, "upsert": UPSERT_FROM}

Values = Mapping[str, JsonValue]


def match_proposal(
    memory_class: MemoryClass, values: Values, namespace: str | None, state: UserState, *, corrects: bool = False
) -> Action:
    """Create or update, or nothing where the memory says as much already; with the candidates and the rule."""
    if state.only_creates(memory_class.name):
        return Action(action="create", basis="create_only", rule="kill_switch")
    known = state.with_identity(memory_class.name, object_key(memory_class, values, namespace))
    if known is not None:
        return Action(action="update", basis="identity", target=known.memory_id, rule="same_identity")
    replaced = _replaced(memory_class, values, namespace, state, corrects=corrects)
    if replaced is not None:
        rule = "corrected" if corrects else "only_one_at_a_time"
        return Action(action="update", basis="identity", target=replaced.memory_id, rule=rule)
    return _by_similarity(memory_class, values, namespace, state)


def match_deletion(memory_class: MemoryClass, values: Values, namespace: str | None, state: UserState) -> Action:
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


def _by_similarity(memory_class: MemoryClass, values: Values, namespace: str | None, state: UserState) -> Action:
    candidates = [
        _candidate(memory_class, values, state.memories[memory_id], score)
        for memory_id, score in state.index(memory_class.name).scores(weighted_terms(memory_class, values))
        if state.memories[memory_id].namespace == namespace
    ]
    best = candidates[0].score if candidates else None
    for candidate in candidates:
        if not candidate.contradicts and (rule := _rule(candidate)):
            less = _says_less(memory_class, values, state.memories[candidate.memory_id])
            return Action(
                action="unchanged" if less else "update",
                basis="bm25",
                target=candidate.memory_id,
                rule="says_less" if less else rule,
                score=best,
                candidates=candidates,
            )
    rule = "nothing_similar" if best is None or best < UPSERT_FROM else "another_identity"
    return Action(action="create", basis="bm25", rule=rule, score=best, candidates=candidates)


def _rule(candidate: Candidate) -> str | None:
    if candidate.score >= UPDATE_FROM:
        return "similar"
    return "similar_and_partly_identical" if candidate.score >= UPSERT_FROM and candidate.overlap else None


def _candidate(memory_class: MemoryClass, values: Values, known: Memory, score: float) -> Candidate:
    ours, theirs = identity_of(memory_class, values), identity_of(memory_class, known.values)
    overlap = any(theirs.get(name) == value for name, value in ours.items())
    contradicts = any(
        name in ours and name in theirs and not _compatible(memory_class, name, ours[name], theirs[name])
        for name in memory_class.identity
    )
    return Candidate(memory_id=known.memory_id, score=round(score, 6), overlap=overlap, contradicts=contradicts)


def _compatible(memory_class: MemoryClass, name: str, ours: str, theirs: str) -> bool:
    """Whether both values of an identity field can be about one thing."""
    if ours == theirs:
        return True
    if name not in memory_class.textual:
        return False
    likeness, mine, yours = memory_class.likeness, wording_of(ours), wording_of(theirs)
    relation = compare(mine, yours)
    if relation is Comparison.OTHER or (relation is not Comparison.SAME and not likeness.extensible):
        return False
    return (likeness.measurable or same_amounts(mine, yours)) and (
        likeness.reversible or mine.negative == yours.negative
    )


def _says_less(memory_class: MemoryClass, values: Values, known: Memory) -> bool:
    """Whether the proposal only leaves out what the memory adds; where less said means more covered, it counts."""
    if memory_class.likeness.narrowing:
        return False
    ours, theirs = identity_of(memory_class, values), identity_of(memory_class, known.values)
    for name in memory_class.textual:
        mine, yours = wording_of(ours.get(name, "")), wording_of(theirs.get(name, ""))
        if compare(mine, yours) is Comparison.LESS:
            return same_amounts(mine, yours) and mine.negative == yours.negative
    return False


def _replaced(
    memory_class: MemoryClass, values: Values, namespace: str | None, state: UserState, *, corrects: bool
) -> Memory | None:
    """The one memory that differs in a correctable field alone, if this is a correction or there is only one ever."""
    ours = identity_of(memory_class, values)
    for name in memory_class.likeness.correctable:
        one_only = any(ours.get(other) in allowed for other, allowed in memory_class.likeness.single.items())
        if name not in ours or not (corrects or one_only):
            continue
        found = [
            memory
            for memory in state.of_class(memory_class.name)
            if memory.namespace == namespace
            and _without(name, identity_of(memory_class, memory.values)) == _without(name, ours)
        ]
        if len(found) == 1:
            return found[0]
    return None


def _without(name: str, identity: Mapping[str, str]) -> dict[str, str]:
    return {other: value for other, value in identity.items() if other != name}
