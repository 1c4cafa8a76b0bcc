"""Writes of messages, and the answers that their outcomes give."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mneme_common.contracts.commands import DeleteMessage, JsonObject, RecordMessage, UpdateMessage
from mneme_common.domain.vocabulary import Role
from mneme_gateway.auth.caller import Caller, Scope, scope_of
from mneme_gateway.schemas.messages import MessageIn, MessageOut, MessageUpdate
from mneme_gateway.schemas.parts import Owned
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write, expecting
from mneme_gateway.writing.outcomes import Outcome
from mneme_gateway.writing.writer import Result

_OWNER = {"tenant_id", "user_id"}


def record(caller: Caller, message: MessageIn, batch: Owned | None = None, index: int = 0) -> Write:
    """The write of one message; raises ApiError 403 when it is not the caller's."""
    tenant_id = message.tenant_id or (batch.tenant_id if batch else None)
    user_id = message.user_id or (batch.user_id if batch else None)
    scope = scope_of(caller, tenant_id, user_id)
    return Write(scope, "message.record", recorded_data(message), _request(message), index)


def recorded_data(message: MessageIn, *, remember: bool = False) -> RecordMessage:
    """The command's data; with ``remember`` the message becomes a memory at once."""
    return command(
        RecordMessage,
        {
            "conversation_id": message.conversation,
            "role": message.role,
            "content": message.content,
            "name": message.name,
            "metadata": message.metadata,
            "importance_override": message.override,
            "namespace": message.namespace,
            "occurred_at": message.occurred_at,
            "remember": remember,
        },
    )


def update(
    scope: Scope, message_id: UUID, change: MessageUpdate, index: int = 0, *, expected: int | None = None
) -> Write:
    """The write of one update."""
    data = command(
        UpdateMessage,
        {
            "message_id": message_id,
            "content": change.content,
            "metadata": change.metadata,
            "importance_override": change.importance_override,
            "archived": change.archived,
            "expected_revision": expected,
        },
    )
    request: JsonObject = {"message_id": str(message_id), "update": change.model_dump(mode="json", exclude=_OWNER)}
    return Write(scope, "message.update", data, request | expecting(expected), index)


def delete(scope: Scope, message_id: UUID, index: int = 0, *, expected: int | None = None) -> Write:
    """The write of one deletion."""
    data = command(DeleteMessage, {"message_id": message_id, "expected_revision": expected})
    return Write(scope, "message.delete", data, {"message_id": str(message_id)} | expecting(expected), index)


def recorded_message(result: Result, outcome: Outcome) -> MessageOut:
    """The message as the ledger recorded it, from the request and the outcome; nothing is read."""
    data = result.write.data
    if not isinstance(data, RecordMessage):
        raise TypeError("only the outcome of message.record describes a whole message")
    scope = result.write.scope
    memory_id = outcome.body.get("memory_id")
    return MessageOut(
        id=UUID(outcome.body["message_id"]),
        tenant_id=scope.tenant_id,
        user_id=scope.user_id,
        conversation_id=data.conversation_id,
        role=Role(data.role),
        name=data.name,
        content=data.content,
        metadata=data.metadata,
        importance_score=float(outcome.body["importance_score"]),
        importance_override=data.importance_override,
        embedding_status="pending",
        namespace=data.namespace,
        archived=False,
        revision=int(outcome.body["revision"]),
        occurred_at=datetime.fromisoformat(outcome.body["occurred_at"]),
        created_at=outcome.applied_at,
        updated_at=outcome.applied_at,
        position=outcome.position,
        memory_id=UUID(memory_id) if memory_id else None,
    )


def _request(message: MessageIn) -> dict[str, object]:
    return message.model_dump(mode="json", exclude_unset=True, exclude=_OWNER)
