"""A schema that has changed: the identity keys of memories as their class has them now (S1-48)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from mneme_common.contracts.record_commands import ApplySchema
from mneme_common.domain.records import Memory
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.decision import Action, Decision
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.identity import object_key
from mneme_resolver.decide.memories import new_version, version_effects
from mneme_resolver.decide.state import APART, UserState

OP = "schema"
_PLACED = frozenset(
    {
        "tenant_id", "user_id", "memory_id", "root_id", "version", "op", "created_at", "event_id", "from_seq", "to_seq",
        "status", "superseded_by", "tombstone", "reason",
    }
)  # fmt: skip


def apply_schema(
    event: ResolverEvent, data: ApplySchema, state: UserState, seq: int, time: datetime, recorded: Decision | None
) -> tuple[Decision, list[Effects]]:
    """One memory after the other; what is gone, or is as the class has it already, is left alone.

    Two memories that have the same identity now stay two: the later one is kept apart, and counted.
    """
    actions: list[Action] = []
    parts: list[Effects] = []
    memory_class = state.class_of(data.memory_class)
    for index, memory_id in enumerate(data.memory_ids):
        known = state.memories.get(memory_id)
        action = recorded.actions[index] if recorded else _decide(known, memory_class, state)
        part = _fold(event, index, action, memory_class, state, seq, time)
        state.advance(part, seq, time)
        actions.append(action)
        parts.append(part)
    return recorded or Decision(actions=actions), parts


def tally(actions: list[Action]) -> dict[str, int]:
    """What became of the memories."""
    names = [action.action for action in actions]
    apart = sum(action.rule == "identity_taken" for action in actions)
    return {"status": 200, "applied": names.count("update"), "dropped": names.count("drop"), "collisions": apart}


def _decide(known: Memory | None, memory_class: MemoryClass | None, state: UserState) -> Action:
    if known is None or memory_class is None or known.memory_class != memory_class.name:
        return Action(action="drop", basis="request", rule="changed_meanwhile")
    if known.schema_version == memory_class.schema_version:
        return Action(action="drop", basis="request", target=known.memory_id, rule="up_to_date")
    holder = state.with_identity(memory_class.name, object_key(memory_class, known.values, known.namespace))
    taken = holder is not None and holder.root_id != known.root_id
    rule = "identity_taken" if taken else "schema_changed"
    return Action(action="update", basis="request", target=known.memory_id, rule=rule)


def _fold(
    event: ResolverEvent,
    index: int,
    action: Action,
    memory_class: MemoryClass | None,
    state: UserState,
    seq: int,
    time: datetime,
) -> Effects:
    if action.action != "update" or action.target is None or memory_class is None:
        return Effects()
    known = state.memories[action.target]
    key = object_key(memory_class, known.values, known.namespace)
    if action.rule == "identity_taken":
        key = f"{key}{APART}{event.event_id.hex}{index}"
    fields = {name: value for name, value in asdict(known).items() if name not in _PLACED}
    fields |= {"object_key": key, "schema_version": memory_class.schema_version, "op": OP}
    return version_effects(
        new_version(event=event, known=known, index=index, seq=seq, time=time, fields=fields), known, seq
    )
