"""Messages: record, update, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.contracts.changes import Change, MessageChanged, MessageRecorded
from mneme_common.contracts.commands import DeleteMessage, RecordMessage, UpdateMessage
from mneme_common.domain.identifiers import record_id
from mneme_common.domain.metadata import JsonValue, may_be_read
from mneme_common.domain.records import Message
from mneme_resolver.decide.decision import Action, Decision, refuse
from mneme_resolver.decide.effects import ClosedMessage, Effects
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.expected import stale
from mneme_resolver.decide.extractions import unread
from mneme_resolver.decide.importance import importance
from mneme_resolver.decide.state import UserState

RECORDED = Decision(actions=[Action(action="create", basis="request")])
NO_SUCH_MESSAGE = refuse(404, "NOT_FOUND", "There is no message with this id.")


def decide_record(_data: RecordMessage, _state: UserState) -> Decision:
    """What was said is kept."""
    return RECORDED


def decide_update(data: UpdateMessage, state: UserState) -> Decision:
    """404 without such a message, 409 when another revision is current; nothing is written when nothing differs."""
    current = state.messages.get(data.message_id)
    if current is None:
        return NO_SUCH_MESSAGE
    refusal = stale(data.expected_revision, current)
    if refusal is not None:
        return refusal
    action = "unchanged" if _updated(current, data) == current else "update"
    return Decision(actions=[Action(action=action, basis="request", target=current.message_id)])


def decide_delete(data: DeleteMessage, state: UserState) -> Decision:
    """404 without such a message, 409 when another revision is current."""
    current = state.messages.get(data.message_id)
    if current is None:
        return NO_SUCH_MESSAGE
    deletion = Decision(actions=[Action(action="delete", basis="request", target=data.message_id)])
    return stale(data.expected_revision, current) or deletion


def fold_record(event: ResolverEvent, data: RecordMessage, seq: int, time: datetime) -> Effects:
    """A new message, revision 1."""
    occurred_at = aware(data.occurred_at) or time
    message = Message(
        tenant_id=event.tenant_id,
        user_id=event.user_id,
        message_id=record_id(time, event.event_id, 0),
        revision=1,
        conversation_id=data.conversation_id,
        role=data.role.value,
        name=data.name,
        content=data.content,
        metadata=data.metadata,
        importance_score=importance(data.role, occurred_at, time, data.importance_override),
        importance_override=data.importance_override,
        namespace=data.namespace,
        archived=False,
        occurred_at=occurred_at,
        created_at=time,
        updated_at=time,
        event_id=event.event_id,
        from_seq=seq,
    )
    outcome: dict[str, JsonValue] = {
        "status": 201,
        "message_id": str(message.message_id),
        "revision": 1,
        "importance_score": message.importance_score,
        "occurred_at": occurred_at.isoformat(),
    }
    return Effects(
        outcome=outcome,
        messages=[message],
        changes=[recorded(message, extract=may_be_read(message.metadata))],
        extractions=unread(message),
    )


def fold_update(
    event: ResolverEvent, data: UpdateMessage, decision: Decision, state: UserState, seq: int, time: datetime
) -> Effects:
    """A new revision in place of the current one."""
    current = state.messages[data.message_id]
    outcome: dict[str, JsonValue] = {
        "status": 200,
        "message_id": str(current.message_id),
        "revision": current.revision,
    }
    if decision.actions[0].action == "unchanged":
        return Effects(outcome=outcome)
    changed = _updated(current, data)
    revision = replace(
        changed,
        revision=current.revision + 1,
        updated_at=time,
        event_id=event.event_id if changed.content != current.content else current.event_id,
        from_seq=seq,
    )
    return Effects(
        outcome=outcome | {"revision": revision.revision},
        messages=[revision],
        closed_messages=[ClosedMessage(current.message_id, current.revision, seq)],
        changes=_changes_of_revision(current, revision),
        extractions=unread(revision) if revision.event_id == event.event_id else [],
    )


def fold_delete(message_id: UUID, state: UserState, seq: int) -> Effects:
    """The current revision is closed and nothing takes its place."""
    current = state.messages[message_id]
    return Effects(
        outcome={"status": 204, "message_id": str(message_id)},
        closed_messages=[ClosedMessage(message_id, current.revision, seq)],
        changes=[_changed(current, "deleted", seq)],
    )


def fold_archive(message_id: UUID, state: UserState, seq: int, time: datetime) -> Effects:
    """A revision that is archived: readable by id, out of search."""
    current = state.messages[message_id]
    revision = replace(current, revision=current.revision + 1, archived=True, updated_at=time, from_seq=seq)
    return Effects(
        outcome={"status": 200, "message_id": str(message_id)},
        messages=[revision],
        closed_messages=[ClosedMessage(message_id, current.revision, seq)],
        changes=[_changed(current, "archived", seq)],
    )


def recorded(message: Message, *, extract: bool = True) -> MessageRecorded:
    """The change that announces a revision."""
    return MessageRecorded(
        message_id=message.message_id,
        revision=message.revision,
        event_id=message.event_id,
        conversation_id=message.conversation_id,
        role=message.role,
        name=message.name,
        content=message.content,
        namespace=message.namespace,
        occurred_at=message.occurred_at,
        position=message.from_seq,
        extract=extract,
    )


def aware(moment: datetime | None) -> datetime | None:
    """Naive times are UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _updated(current: Message, data: UpdateMessage) -> Message:
    override = current.importance_override if data.importance_override is None else data.importance_override
    return replace(
        current,
        content=data.content if data.content is not None else current.content,
        metadata=data.metadata if data.metadata is not None else current.metadata,
        importance_override=override,
        importance_score=data.importance_override if data.importance_override is not None else current.importance_score,
        archived=data.archived if data.archived is not None else current.archived,
    )


def _changes_of_revision(old: Message, new: Message) -> list[Change]:
    if new.archived:
        return [] if old.archived else [_changed(old, "archived", new.from_seq)]
    fresh = recorded(new, extract=new.content != old.content and may_be_read(new.metadata))
    return [fresh] if old.archived else [_changed(old, "updated", new.from_seq), fresh]


def _changed(message: Message, change: str, seq: int) -> MessageChanged:
    return MessageChanged.model_validate(
        {
            "message_id": message.message_id,
            "revision": message.revision,
            "event_id": message.event_id,
            "change": change,
            "position": seq,
        }
    )
