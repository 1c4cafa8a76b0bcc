"""Revisions: a new version of one memory that its writer names, by any id of its chain (S1-16, S1-18, C3)."""

from __future__ import annotations

from datetime import datetime

from mneme_common.contracts.commands import ReviseMemory
from mneme_common.domain.column_values import fitted
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_common.domain.vocabulary import Kind, MemoryType, TrustTier, reconcile_types
from mneme_resolver.decide.classes import NOTE, MemoryClass
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.expected import conflict
from mneme_resolver.decide.identity import content_hash, object_key
from mneme_resolver.decide.memories import NO_SUCH_MEMORY, new_version, note_scope, unchanged, version_effects
from mneme_resolver.decide.messages import aware
from mneme_resolver.decide.records import refusal_of_misfits, text_of
from mneme_resolver.decide.state import APART, UserState

_KEPT = (
    "schema_version", "key", "namespace", "session_id", "author_id", "subject_id", "tags", "trust_tier",
    "initial_confidence", "importance", "pinned", "expires_at", "source", "source_message_ids", "spans",
    "extra_metadata", "valid_from", "valid_to", "memory_class", "object_key", "kind", "memory_type", "values",
    "content", "content_hash", "source_memory_ids",
)  # fmt: skip
_GIVEN = ("initial_confidence", "importance", "pinned", "extra_metadata", "source")
_TIMES = ("expires_at", "valid_from", "valid_to")
_COMPARED = tuple(
    name
    for name in _KEPT
    if name not in ("source", "source_message_ids", "source_memory_ids", "spans", "object_key", "schema_version")
)


def decide_revise(data: ReviseMemory, state: UserState) -> Decision:
    """A new version; nothing when it says the same. 404 without such a memory, 409 when another version is current."""
    known = state.live(data.memory_id) if data.memory_id else None
    if known is None:
        return NO_SUCH_MEMORY
    refusal = conflict(data.expected_version, known)
    if refusal is not None:
        return refusal
    memory_class = state.class_of(known.memory_class)
    misfits = _misfits(data, memory_class)
    if misfits is not None:
        return misfits
    fields = _revised(data, known, memory_class)
    if _ends_before_it_begins(fields["valid_from"], fields["valid_to"]):
        return refuse(422, "VALIDATION_ERROR", "valid_to would be before valid_from.")
    if _takes_a_name(data, known, memory_class, state):
        return refuse(409, "KEY_TAKEN", "Another memory has this key.")
    same = all(fields[name] == getattr(known, name) for name in _COMPARED)
    action = "unchanged" if same else "update"
    return Decision(actions=[Action(action=action, basis="request", target=known.memory_id)])


def fold_revise(
    event: ResolverEvent, data: ReviseMemory, action: Action, state: UserState, seq: int, time: datetime
) -> Effects:
    """The version that replaces the current one."""
    known = state.memories[action.target] if action.target else None
    if known is None:
        raise LookupError("a revision names the version that it replaces")
    if action.action == "unchanged":
        return unchanged(known)
    memory_class = state.class_of(known.memory_class)
    fields = _revised(data, known, memory_class)
    identity = revised_identity(data, known, memory_class)
    taken = state.with_identity(known.memory_class, identity)
    fields |= {
        "object_key": identity
        if taken is None or taken.root_id == known.root_id
        else f"{identity}{APART}{event.event_id.hex}",
        "observed_at": aware(data.observed_at) or time,
        "op": data.op,
        "reason": data.reason,
    }
    memory = new_version(event=event, known=known, index=0, seq=seq, time=time, fields=fields)
    effects = version_effects(memory, known, seq)
    effects.outcome["replaced_id"] = str(known.memory_id)
    return effects


def revised_identity(data: ReviseMemory, known: Memory, memory_class: MemoryClass | None) -> str:
    """The identity hash after the revision: that of its new words, unless its writer has given it a key."""
    if known.key is not None or memory_class is None:
        return known.object_key
    values = _values(data, known, memory_class)
    if memory_class.definition is not None:
        return object_key(memory_class, values, known.namespace)
    if values == known.values and data.memory_type is None and data.kind is None:
        return known.object_key
    if memory_class is NOTE:
        _, memory_type = _types(data, known)
        return object_key(NOTE, values, note_scope(known.namespace, memory_type, known.subject_id))
    return object_key(memory_class, values, known.namespace)


def _misfits(data: ReviseMemory, memory_class: MemoryClass | None) -> Decision | None:
    """The refusal of values that are none of the columns of a tenant's own class."""
    if memory_class is None or memory_class.definition is None or not data.values:
        return None
    return refusal_of_misfits(memory_class.definition, fitted(memory_class.definition, data.values)[1])


def _takes_a_name(data: ReviseMemory, known: Memory, memory_class: MemoryClass | None, state: UserState) -> bool:
    if memory_class is None or not memory_class.named:
        return False
    taken = state.with_identity(known.memory_class, revised_identity(data, known, memory_class))
    return taken is not None and taken.root_id != known.root_id


def _revised(data: ReviseMemory, known: Memory, memory_class: MemoryClass | None) -> dict[str, object]:
    """The fields of the new version, its identity and what tells how it came about apart."""
    fields: dict[str, object] = {name: getattr(known, name) for name in _KEPT}
    fields |= {name: value for name in _GIVEN if (value := getattr(data, name)) is not None}
    fields |= {name: aware(value) for name in _TIMES if (value := getattr(data, name)) is not None}
    fields |= dict.fromkeys(data.cleared)
    fields["kind"], fields["memory_type"] = _types(data, known)
    values = _values(data, known, memory_class)
    fields["values"] = values
    if memory_class is not None and memory_class.definition is not None:
        fields |= _as_of_today(data, known, memory_class, values)
    if data.tags is not None:
        fields["tags"] = sorted(set(data.tags))
    if data.trust_tier is not None:
        fields["trust_tier"] = data.trust_tier.value
    if data.content is not None and data.content != known.content:
        fields |= {"content": data.content, "content_hash": content_hash(data.content), "spans": []}
        if data.op == "correct":
            fields |= {
                "trust_tier": (data.trust_tier or TrustTier.T2).value,
                "source_message_ids": [f"correct:{known.memory_id.hex}"],
            }
    return fields


def _as_of_today(
    data: ReviseMemory, known: Memory, memory_class: MemoryClass, values: dict[str, JsonValue]
) -> dict[str, object]:
    """Of a tenant's own class: its version, and the text where that is nothing but the values."""
    renewed: dict[str, object] = {"schema_version": memory_class.schema_version}
    if data.content is None and known.content == text_of(memory_class, known.values):
        text = text_of(memory_class, values)
        renewed |= {"content": text, "content_hash": content_hash(text)}
    return renewed


def _ends_before_it_begins(valid_from: object, valid_to: object) -> bool:
    return isinstance(valid_from, datetime) and isinstance(valid_to, datetime) and valid_to < valid_from


def _types(data: ReviseMemory, known: Memory) -> tuple[str, str]:
    """Kind and memory type: those given, and what follows from them (C1)."""
    if data.kind is None and data.memory_type is None:
        return known.kind, known.memory_type
    kind, memory_type = reconcile_types(data.memory_type, data.kind)
    return Kind(kind).value, MemoryType(memory_type).value


def _values(data: ReviseMemory, known: Memory, memory_class: MemoryClass | None) -> dict[str, JsonValue]:
    """What was understood of the old words does not hold for new ones: only what the memory is about stays.

    A record of a tenant's own class is its values, whatever words go with it.
    """
    if memory_class is not None and memory_class.definition is not None:
        return dict(known.values) | fitted(memory_class.definition, data.values or {})[0]
    values = dict(known.values)
    if data.content is not None and data.content != known.content:
        values = _about(memory_class, known, data.content)
    return values | (data.values or {})


def _about(memory_class: MemoryClass | None, known: Memory, content: str) -> dict[str, JsonValue]:
    if memory_class is None:
        return {}
    kept = {name: value for name, value in known.values.items() if name in memory_class.exact}
    return kept | dict.fromkeys(memory_class.textual, content)
