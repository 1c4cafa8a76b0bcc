"""Records: memories of a tenant's own classes, given as values. The identity fields say which memory it is (S1-44)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from mneme_common.contracts.record_commands import StoreRecord
from mneme_common.domain.column_values import fitted
from mneme_common.domain.memory_schema import ClassDefinition
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_common.domain.vocabulary import INITIAL_CONFIDENCE, MEMORY_TYPE_OF_KIND
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.expected import conflict
from mneme_resolver.decide.identity import content_hash, identity_of, object_key
from mneme_resolver.decide.importance import importance
from mneme_resolver.decide.memories import new_version, unchanged, version_effects
from mneme_resolver.decide.messages import aware
from mneme_resolver.decide.record_text import record_text
from mneme_resolver.decide.state import APART, UserState

_NO_SUCH_CLASS = refuse(422, "UNKNOWN_CLASS", "memory_class: the tenant's active schema has no such class.")


def decide_record(data: StoreRecord, state: UserState) -> Decision:
    """Create, or a new version of the record of the same identity, or nothing when it says the same.

    422 for a class that is not defined, values that fit no column, or none of the identity fields.
    """
    memory_class = state.class_of(data.memory_class)
    if memory_class is None or memory_class.definition is None:
        return _NO_SUCH_CLASS
    values, dropped = fitted(memory_class.definition, data.values)
    refusal = refusal_of_misfits(memory_class.definition, dropped) or _without_identity(memory_class, values)
    if refusal is not None:
        return refusal
    known = state.with_identity(memory_class.name, object_key(memory_class, values, data.namespace))
    refusal = conflict(data.expected_version, known)
    if refusal is not None:
        return refusal
    return Decision(actions=[_action(data, memory_class, known, state)], schema_version=memory_class.schema_version)


def refusal_of_misfits(definition: ClassDefinition, dropped: Sequence[str]) -> Decision | None:
    """422 that says which columns want what; a name that is no column is not repeated."""
    wanted = [
        f"values.{column.name} must be {column.dtype.value}"
        + (f" ({', '.join(column.choices)})" if column.choices else "")
        for column in definition.columns
        if column.name in dropped
    ]
    if len(wanted) < len(dropped):
        wanted.append(f"{definition.name} has these columns only: {', '.join(one.name for one in definition.columns)}")
    return refuse(422, "VALIDATION_ERROR", "; ".join(wanted)[:1000]) if wanted else None


def fold_record(
    event: ResolverEvent, data: StoreRecord, action: Action, state: UserState, seq: int, time: datetime
) -> Effects:
    """The new version, and what it closes."""
    known = state.memories.get(action.target) if action.target else None
    if action.action == "unchanged" and known is not None:
        return unchanged(known)
    memory_class = state.class_of(data.memory_class)
    if memory_class is None:
        raise LookupError("a record that is stored is of a class that is known")
    fields = _version(data, memory_class, known, time)
    if action.basis == "create_only":
        fields["object_key"] = f"{fields['object_key']}{APART}{event.event_id.hex}"
    return version_effects(
        new_version(event=event, known=known, index=0, seq=seq, time=time, fields=fields), known, seq
    )


def text_of(memory_class: MemoryClass, values: Mapping[str, JsonValue]) -> str:
    """The text of values of a tenant's own class."""
    if memory_class.definition is None:
        raise ValueError("the values of a default class have no text of their own")
    return record_text(memory_class.definition, values)


def _without_identity(memory_class: MemoryClass, values: Mapping[str, JsonValue]) -> Decision | None:
    if identity_of(memory_class, values):
        return None
    names = ", ".join(memory_class.identity)
    return refuse(422, "VALIDATION_ERROR", f"values: give what identifies a {memory_class.name}: {names}")


def _action(data: StoreRecord, memory_class: MemoryClass, known: Memory | None, state: UserState) -> Action:
    if state.only_creates(memory_class.name):
        return Action(action="create", basis="create_only", rule="kill_switch")
    if known is None:
        return Action(action="create", basis="identity")
    after = _version(data, memory_class, known, known.created_at)
    same = all(after[name] == getattr(known, name) for name in _COMPARED)
    return Action(
        action="unchanged" if same else "update", basis="identity", target=known.memory_id, rule="same_identity"
    )


_COMPARED = (
    "content", "values", "tags", "trust_tier", "initial_confidence", "pinned", "expires_at", "extra_metadata",
    "valid_from", "valid_to",
)  # fmt: skip


def _version(data: StoreRecord, memory_class: MemoryClass, known: Memory | None, time: datetime) -> dict[str, object]:
    if memory_class.definition is None:
        raise ValueError("records are of a tenant's own class")
    values = dict(known.values if known else {}) | fitted(memory_class.definition, data.values)[0]
    content = data.content or record_text(memory_class.definition, values)
    observed_at = aware(data.observed_at) or time
    confidence = data.initial_confidence
    return {
        "kind": memory_class.kind.value,
        "memory_type": MEMORY_TYPE_OF_KIND[memory_class.kind].value,
        "memory_class": memory_class.name,
        "schema_version": memory_class.schema_version,
        "object_key": object_key(memory_class, values, data.namespace),
        "key": None,
        "content": content,
        "values": values,
        "content_hash": content_hash(content),
        "tags": sorted(set(data.tags)) or (known.tags if known else []),
        "namespace": data.namespace,
        "session_id": data.session_id,
        "author_id": data.author_id,
        "subject_id": data.subject_id,
        "trust_tier": data.trust_tier.value,
        "initial_confidence": INITIAL_CONFIDENCE[data.trust_tier] if confidence is None else confidence,
        "importance": importance("user", observed_at, time, data.importance),
        "pinned": data.pinned or (known is not None and known.pinned),
        "expires_at": aware(data.expires_at),
        "source": data.source,
        "source_message_ids": known.source_message_ids if known else [],
        "extra_metadata": data.extra_metadata,
        "observed_at": observed_at,
        "valid_from": aware(data.valid_from),
        "valid_to": aware(data.valid_to),
    }
