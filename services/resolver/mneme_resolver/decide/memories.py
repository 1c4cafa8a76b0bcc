"""Memories that somebody stores or ends on purpose. They match by identity alone: who says two things means two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mneme_common.contracts.changes import MemoryChanged
from mneme_common.contracts.commands import DeleteMemory, RecordMessage, StoreMemory
from mneme_common.domain.identifiers import record_id
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.records import Memory
from mneme_common.domain.vocabulary import INITIAL_CONFIDENCE, Kind, MemoryType, Status, TrustTier
from mneme_resolver.decide.classes import NOTE, SCHEMA_VERSION
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import ClosedMemory, Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.expected import conflict
from mneme_resolver.decide.identity import content_hash, explicit_key, object_key
from mneme_resolver.decide.importance import importance
from mneme_resolver.decide.messages import aware
from mneme_resolver.decide.state import UserState

NO_SUCH_MEMORY = refuse(404, "NOT_FOUND", "There is no such memory.")
_ENDS = {Status.EXPIRED: "expire", Status.ARCHIVED: "decay"}
OBSERVED_CONFIDENCE = 0.7
"""What is observed without a model is kept as inferred, with this confidence (S4-22, "Further smaller decisions")."""


def decide_store(data: StoreMemory, state: UserState) -> Decision:
    """Create, or a new version of the memory of the same identity, or nothing when it says the same (S4-05)."""
    known = state.with_identity(NOTE.name, store_identity(data))
    refusal = conflict(data.expected_version, known) or _of_changed_sources(data, state)
    if refusal is not None:
        return refusal
    if known is None:
        return Decision(actions=[Action(action="create", basis="identity")], schema_version=SCHEMA_VERSION)
    if state.only_creates(NOTE.name):
        action = Action(action="create", basis="create_only", target=None)
        return Decision(actions=[action], schema_version=SCHEMA_VERSION)
    same = _comparable(_version(data, known.created_at)) == _comparable(known)
    name = "unchanged" if same else "update"
    action = Action(action=name, basis="identity", target=known.memory_id)
    return Decision(actions=[action], schema_version=SCHEMA_VERSION)


def _of_changed_sources(data: StoreMemory, state: UserState) -> Decision | None:
    """What was distilled from something that is known no more, or otherwise now, must not bring it back."""
    if all(memory_id in state.memories for memory_id in data.source_memory_ids):
        return None
    return refuse(409, "SOURCES_CHANGED", "A memory that this was distilled from has changed or is known no more.")


def decide_delete(data: DeleteMemory, state: UserState) -> Decision:
    """404 when no live memory has this id in its chain."""
    known = state.live(data.memory_id) if data.memory_id else None
    if known is None:
        return NO_SUCH_MEMORY
    refusal = conflict(data.expected_version, known)
    return refusal or Decision(actions=[Action(action="delete", basis="request", target=known.memory_id)])


def remembered(data: RecordMessage) -> StoreMemory:
    """The memory that an observed message becomes when no model is configured (S4-22)."""
    return StoreMemory(
        content=data.remembered or data.content,
        kind=Kind.FACT,
        memory_type=MemoryType.SEMANTIC,
        session_id=data.conversation_id,
        namespace=data.namespace,
        trust_tier=TrustTier.T3,
        initial_confidence=OBSERVED_CONFIDENCE,
        observed_at=data.occurred_at,
        source="observe",
    )


def store_identity(data: StoreMemory) -> str:
    """The identity hash: the writer's key, else type, subject and normalised text (S4-05)."""
    if data.key is not None:
        return explicit_key(data.key, data.namespace)
    scope = note_scope(data.namespace, data.memory_type, data.subject_id)
    return object_key(NOTE, {"text": data.content}, scope)


def note_scope(namespace: str | None, memory_type: str, subject_id: str | None) -> str:
    """Within what the text of a note is its identity."""
    return "/".join((namespace or "", memory_type, subject_id or ""))


def fold_store(
    event: ResolverEvent, data: StoreMemory, action: Action, state: UserState, seq: int, time: datetime
) -> Effects:
    """The new version, and what it closes."""
    if action.action == "unchanged" and action.target is not None:
        return unchanged(state.memories[action.target])
    identity = store_identity(data)
    if action.basis == "create_only":
        identity = f"{identity}#{event.event_id.hex}"
    known = state.memories.get(action.target) if action.target else None
    fields = _version(data, time) | {"object_key": identity, "reason": data.reason}
    if data.op == "teach":
        fields["op"] = data.op
    memory = new_version(event=event, known=known, index=0, seq=seq, time=time, fields=fields)
    return version_effects(memory, known, seq)


def unchanged(memory: Memory) -> Effects:
    """Nothing is written; the outcome names what is known already."""
    return Effects(outcome=_outcome(200, "unchanged", memory))


def fold_delete(
    event: ResolverEvent, data: DeleteMemory, action: Action, state: UserState, seq: int, time: datetime
) -> Effects:
    """The tombstone that was asked for."""
    if action.target is None:
        raise LookupError("a deletion names the version that it ends")
    effects = fold_end(event, action.target, state, index=0, seq=seq, time=time, reason=data.reason)
    if data.op == "forget":
        effects.outcome["replaced_id"] = str(action.target)
    return effects


def fold_end(
    event: ResolverEvent, target: UUID, state: UserState, *, index: int, seq: int, time: datetime, reason: str | None,
    status: Status = Status.FORGOTTEN,
) -> Effects:  # fmt: skip
    """A tombstone at the end of the chain: what was known stays readable in its history, and is found no more."""
    known = state.memories[target]
    tombstone = new_version(
        event=event,
        known=known,
        index=index,
        seq=seq,
        time=time,
        fields=ended_fields(known, status, reason),
    )
    change = MemoryChanged(
        memory_id=tombstone.memory_id,
        root_id=known.root_id,
        version=tombstone.version,
        event_id=event.event_id,
        change="expired" if status in _ENDS else "deleted",
        kind=known.kind,
        content=None,
        closed_id=known.memory_id,
        position=seq,
    )
    return Effects(
        outcome={"status": 204, "memory_id": str(tombstone.memory_id), "root_id": str(known.root_id)},
        memories=[tombstone],
        closed_memories=[ClosedMemory(known.memory_id, seq, status.value, tombstone.memory_id)],
        changes=[change],
    )


def new_version(
    *, event: ResolverEvent, known: Memory | None, index: int, seq: int, time: datetime, fields: dict[str, object]
) -> Memory:
    """A version row: the given fields, and those that place it in its chain."""
    memory_id = record_id(time, event.event_id, index)
    placed: dict[str, object] = {
        "tenant_id": event.tenant_id,
        "user_id": event.user_id,
        "memory_id": memory_id,
        "root_id": known.root_id if known else memory_id,
        "version": known.version + 1 if known else 1,
        "op": "create" if known is None else "version",
        "created_at": time,
        "event_id": event.event_id,
        "from_seq": seq,
        "status": Status.ACTIVE.value,
        "superseded_by": None,
        "tombstone": False,
        "reason": None,
    }
    return Memory(**(placed | fields))  # type: ignore[arg-type]  # the fields are put together by name above


def version_effects(memory: Memory, known: Memory | None, seq: int) -> Effects:
    """A version in place of the one known, if there was one."""
    closing = [] if known is None else [ClosedMemory(known.memory_id, seq, Status.SUPERSEDED.value, memory.memory_id)]
    change = MemoryChanged(
        memory_id=memory.memory_id,
        root_id=memory.root_id,
        version=memory.version,
        event_id=memory.event_id,
        change="created" if known is None else "updated",
        kind=memory.kind,
        content=memory.content,
        closed_id=known.memory_id if known else None,
        position=seq,
    )
    outcome = _outcome(201, "created" if known is None else "updated", memory)
    return Effects(outcome=outcome, memories=[memory], closed_memories=closing, changes=[change])


def ended_fields(known: Memory, status: Status, reason: str | None) -> dict[str, object]:
    """The fields of a tombstone: what identifies the chain, and no content."""
    kept = {
        name: getattr(known, name)
        for name in (
            "kind", "memory_type", "memory_class", "schema_version", "object_key", "key", "namespace", "session_id",
            "author_id", "subject_id", "trust_tier", "initial_confidence", "importance", "observed_at", "source",
            "valid_from", "valid_to",
        )
    }  # fmt: skip
    return kept | {
        "content": "",
        "values": {},
        "content_hash": content_hash(""),
        "tags": [],
        "pinned": False,
        "expires_at": None,
        "status": status.value,
        "op": _ENDS.get(status, "forget"),
        "reason": reason,
        "tombstone": True,
    }


def _version(data: StoreMemory, time: datetime) -> dict[str, object]:
    observed_at = aware(data.observed_at) or time
    confidence = data.initial_confidence
    return {
        "kind": data.kind.value,
        "memory_type": data.memory_type.value,
        "memory_class": NOTE.name,
        "schema_version": SCHEMA_VERSION,
        "key": data.key,
        "content": data.content,
        "values": {"text": data.content},
        "content_hash": content_hash(data.content),
        "tags": sorted(set(data.tags)),
        "namespace": data.namespace,
        "session_id": data.session_id,
        "author_id": data.author_id,
        "subject_id": data.subject_id,
        "trust_tier": data.trust_tier.value,
        "initial_confidence": INITIAL_CONFIDENCE[data.trust_tier] if confidence is None else confidence,
        "importance": importance("user", observed_at, time, data.importance),
        "pinned": data.pinned,
        "expires_at": aware(data.expires_at),
        "source": data.source,
        "source_memory_ids": [memory_id.hex for memory_id in data.source_memory_ids],
        "extra_metadata": data.extra_metadata,
        "observed_at": observed_at,
        "valid_from": aware(data.valid_from),
        "valid_to": aware(data.valid_to),
    }


_COMPARED = (
    "content", "tags", "trust_tier", "initial_confidence", "pinned", "expires_at", "extra_metadata", "kind",
    "valid_from", "valid_to", "source_memory_ids",
)  # fmt: skip


def _comparable(version: Memory | dict[str, object]) -> tuple[object, ...]:
    if isinstance(version, Memory):
        return tuple(getattr(version, name) for name in _COMPARED)
    return tuple(version[name] for name in _COMPARED)


def _outcome(status: int, action: str, memory: Memory) -> dict[str, JsonValue]:
    return {
        "status": status,
        "action": action,
        "memory_id": str(memory.memory_id),
        "root_id": str(memory.root_id),
        "version": memory.version,
    }


def drawn_from(memory: Memory, message_id: str) -> Memory:
    """The version with the message noted that it was drawn from."""
    return replace(memory, source_message_ids=[*memory.source_message_ids, message_id])
