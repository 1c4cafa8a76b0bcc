"""Undo: what held before the last decision on a memory holds again, as a new version (guarantee 10).

Nothing is taken out of the chain, so an undo is itself a decision that can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from mneme_common.contracts.changes import MemoryChanged
from mneme_common.contracts.commands import UndoMemory, UndoOperation
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_common.domain.vocabulary import Status
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import ClosedMemory, Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.memories import ended_fields, new_version
from mneme_resolver.decide.state import UserState

_OP = "undo"
_EXPIRED = "expire"


def decide_undo(data: UndoMemory | UndoOperation, state: UserState) -> Decision:
    """The versions to go back to; refuses with 404 or 409 what cannot be undone, and then undoes nothing of it."""
    if isinstance(data, UndoMemory):
        return _of_memory(data, state)
    return _of_operation(data, state)


def fold_undo(event: ResolverEvent, decision: Decision, state: UserState, seq: int, time: datetime) -> Effects:
    """One version for each memory, and what it closes."""
    whole = Effects()
    versions: list[JsonValue] = []
    for index, action in enumerate(decision.actions):
        if action.target is None:
            continue
        latest = state.version(action.target)
        before = state.version(action.restored) if action.restored is not None else None
        version = _version(event, latest, before, index=index, seq=seq, time=time)
        whole.memories.append(version)
        whole.closed_memories.append(
            ClosedMemory(latest.memory_id, seq, Status.SUPERSEDED.value, version.memory_id, tombstone=latest.tombstone)
        )
        whole.changes.append(_change(event, latest, version, seq))
        versions.append(str(version.memory_id))
    first = whole.memories[0]
    whole.outcome = {
        "status": 200,
        "action": decision.actions[0].action,
        "memory_id": str(first.memory_id),
        "root_id": str(first.root_id),
        "version": first.version,
        "memory_ids": versions,
    }
    return whole


def _of_memory(data: UndoMemory, state: UserState) -> Decision:
    chain = state.chain_of(data.memory_id)
    if not chain:
        return refuse(404, "NOT_FOUND", "There is no memory with this id.")
    if data.version is not None and data.version != chain[-1].version:
        return _changed_since(chain[-1])
    return _decided([(chain[-1], chain[-2] if len(chain) > 1 else None)], state)


def _of_operation(data: UndoOperation, state: UserState) -> Decision:
    chains = state.written_by(data.event_id)
    if not chains:
        return refuse(409, "NOTHING_TO_UNDO", "This operation wrote no version of a memory.")
    steps = []
    for chain in chains:
        if chain[-1].event_id != data.event_id:
            return _changed_since(chain[-1])
        steps.append((chain[-1], next((one for one in reversed(chain) if one.event_id != data.event_id), None)))
    return _decided(steps, state)


def _decided(steps: Sequence[tuple[Memory, Memory | None]], state: UserState) -> Decision:
    """From each latest version to the one before it, None where there is none."""
    actions = []
    for latest, before in steps:
        if before is not None and _is_taken(before, state):
            return refuse(409, "IDENTITY_TAKEN", "Another memory has taken the identity that this one had before.")
        restores = before is not None and not before.tombstone
        actions.append(
            Action(
                action="restore" if restores else "retract",
                basis="request",
                target=latest.memory_id,
                restored=before.memory_id if before is not None else None,
                rule=_OP,
            )
        )
    return Decision(actions=actions)


def _is_taken(before: Memory, state: UserState) -> bool:
    holder = state.with_identity(before.memory_class, before.object_key)
    return not before.tombstone and holder is not None and holder.root_id != before.root_id


def _changed_since(latest: Memory) -> Decision:
    return refuse(409, "CHANGED_SINCE", f"The memory has been changed since: its last version is {latest.version}.")


def _version(
    event: ResolverEvent, latest: Memory, before: Memory | None, *, index: int, seq: int, time: datetime
) -> Memory:
    reason = event.data.reason if isinstance(event.data, (UndoMemory, UndoOperation)) else None
    if before is None:
        fields = ended_fields(latest, Status.FORGOTTEN, reason)
    else:
        fields = _content_of(before) | {"status": _status(before), "tombstone": before.tombstone, "reason": reason}
        if before.expires_at is not None and before.expires_at <= time:
            fields["expires_at"] = None
    return new_version(event=event, known=latest, index=index, seq=seq, time=time, fields=fields | {"op": _OP})


def _status(before: Memory) -> str:
    """What it was when it was the last version: closing it has overwritten that."""
    if not before.tombstone:
        return Status.ACTIVE.value
    return Status.EXPIRED.value if before.op == _EXPIRED else Status.FORGOTTEN.value


def _content_of(version: Memory) -> dict[str, object]:
    """Everything that does not place the version in its chain."""
    placed = {
        "tenant_id", "user_id", "memory_id", "root_id", "version", "op", "created_at", "event_id", "from_seq", "to_seq",
        "status", "superseded_by", "tombstone", "reason",
    }  # fmt: skip
    return {name: value for name, value in asdict(version).items() if name not in placed}


def _change(event: ResolverEvent, latest: Memory, version: Memory, seq: int) -> MemoryChanged:
    change = "deleted" if version.tombstone else "created" if latest.tombstone else "updated"
    return MemoryChanged.model_validate(
        {
            "memory_id": version.memory_id,
            "root_id": version.root_id,
            "version": version.version,
            "event_id": event.event_id,
            "change": change,
            "kind": version.kind,
            "content": None if version.tombstone else version.content,
            "closed_id": None if latest.tombstone else latest.memory_id,
            "position": seq,
        }
    )
