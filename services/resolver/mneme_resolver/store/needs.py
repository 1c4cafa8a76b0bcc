"""Which rows a batch needs, told by its commands alone, so that they can be loaded with one statement a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mneme_common.contracts.commands import (
    ApplyRetention,
    DeleteMemory,
    DeleteMessage,
    NoteExtractions,
    ProposeMemories,
    RecordMessage,
    ReviseMemory,
    StoreMemory,
    UndoMemory,
    UndoOperation,
    UpdateMessage,
)
from mneme_common.contracts.conversation_commands import ClearConversation
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_common.domain.column_values import fitted
from mneme_resolver.decide.classes import NOTE
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.identity import object_key
from mneme_resolver.decide.memories import remembered, store_identity
from mneme_resolver.decide.tenant_classes import matched_class

Place = tuple[str, str, str]
"""Tenant, user, and a class or a conversation of theirs."""


@dataclass(slots=True)
class Needs:
    """Ids, identities, classes and extractions to load; of ``revisions`` the identity follows from what they revise.

    ``outdated`` names classes with their version: memories of them that are of another one.
    """

    messages: set[tuple[str, str, UUID]] = field(default_factory=set)
    chains: set[tuple[str, str, UUID]] = field(default_factory=set)
    identities: set[tuple[str, str, str, str]] = field(default_factory=set)
    classes: set[Place] = field(default_factory=set)
    outdated: set[tuple[str, str, str, str]] = field(default_factory=set)
    conversations: set[Place] = field(default_factory=set)
    revisions: list[ResolverEvent] = field(default_factory=list)
    undone_memories: set[tuple[str, str, UUID]] = field(default_factory=set)
    undone_events: set[tuple[str, str, UUID]] = field(default_factory=set)
    readings: set[tuple[str, str, UUID, str, str]] = field(default_factory=set)


def needs_of(events: Sequence[ResolverEvent]) -> Needs:
    """What the decisions on these events will look at."""
    needs = Needs()
    for event in events:
        _add(needs, event)
        _add_readings(needs, event)
    return needs


def _add(needs: Needs, event: ResolverEvent) -> None:
    tenant_id, user_id = event.subject
    match event.data:
        case RecordMessage(remember=True):
            needs.identities.add((tenant_id, user_id, NOTE.name, store_identity(remembered(event.data))))
        case UpdateMessage() | DeleteMessage():
            needs.messages.add((tenant_id, user_id, event.data.message_id))
        case StoreMemory() | StoreRecord():
            _add_stored(needs, event, event.data)
        case DeleteMemory(memory_id=UUID() as memory_id):
            needs.chains.add((tenant_id, user_id, memory_id))
        case ReviseMemory(memory_id=UUID() as memory_id):
            needs.chains.add((tenant_id, user_id, memory_id))
            needs.revisions.append(event)
        case UndoMemory() | UndoOperation():
            _add_undone(needs, event, event.data)
        case ProposeMemories() | ApplyRetention() | ApplySchema() | ClearConversation():
            _add_items(needs, event, event.data)
        case _:
            pass


def _add_stored(needs: Needs, event: ResolverEvent, data: StoreMemory | StoreRecord) -> None:
    if isinstance(data, StoreMemory):
        needs.identities.add((*event.subject, NOTE.name, store_identity(data)))
        needs.chains |= {(*event.subject, memory_id) for memory_id in data.source_memory_ids}
        return
    own = event.schema.find(data.memory_class) if event.schema is not None else None
    if own is not None:
        memory_class = matched_class(own)
        key = object_key(memory_class, fitted(own.definition, data.values)[0], data.namespace)
        needs.identities.add((*event.subject, data.memory_class, key))
        needs.outdated.add((*event.subject, data.memory_class, own.label))


def _add_items(
    needs: Needs, event: ResolverEvent, data: ProposeMemories | ApplyRetention | ApplySchema | ClearConversation
) -> None:
    if isinstance(data, ApplySchema):
        needs.classes.add((*event.subject, data.memory_class))
        return
    if isinstance(data, ProposeMemories):
        needs.messages.add((*event.subject, data.message_id))
        needs.classes |= {(*event.subject, proposal.memory_class) for proposal in data.proposals}
        return
    if isinstance(data, ClearConversation):
        needs.conversations.add((*event.subject, data.conversation_id))
        needs.classes |= set() if data.memory_class is None else {(*event.subject, data.memory_class)}
        return
    needs.messages |= {(*event.subject, one) for one in (*data.archive_message_ids, *data.delete_message_ids)}
    needs.chains |= {(*event.subject, one) for one in (*data.expire_memory_ids, *data.decay_memory_ids)}


def _add_undone(needs: Needs, event: ResolverEvent, data: UndoMemory | UndoOperation) -> None:
    if isinstance(data, UndoMemory):
        needs.undone_memories.add((*event.subject, data.memory_id))
    else:
        needs.undone_events.add((*event.subject, data.event_id))


def _add_readings(needs: Needs, event: ResolverEvent) -> None:
    if isinstance(event.data, ProposeMemories):
        sources = [event.data.source_event_id]
    elif isinstance(event.data, NoteExtractions):
        sources = [revision.source_event_id for revision in event.data.revisions]
    else:
        return
    run = event.data.schema_version, event.data.run
    needs.readings |= {(*event.subject, source, *run) for source in sources}
