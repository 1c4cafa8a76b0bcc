"""Observation: messages that are recorded, and what is remembered of them (features.md, S4-22)."""

from __future__ import annotations

from mneme_common.contracts.commands import RecordMessage
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.vocabulary import Role
from mneme_gateway.auth.caller import Scope
from mneme_gateway.schemas.messages import DEFAULT_CONVERSATION
from mneme_gateway.schemas.observe import ObservedMessage, ObserveIn
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write

_SPEAKERS = (Role.USER, Role.ASSISTANT)


def observe(scope: Scope, body: ObserveIn, index: int, *, remember: bool) -> Write:
    """The write of one message; with ``remember`` what a speaker said becomes a memory as it is."""
    message = body.messages[index]
    data = command(
        RecordMessage,
        {
            "conversation_id": body.session_id or DEFAULT_CONVERSATION,
            "role": message.role,
            "content": message.content,
            "name": message.name,
            "metadata": message.metadata | _context(body),
            "namespace": body.namespace,
            "occurred_at": message.occurred_at,
            "remember": remember and message.role in _SPEAKERS,
        },
    )
    request: dict[str, object] = {
        "message": message.model_dump(mode="json", exclude_unset=True),
        "session_id": body.session_id,
        "namespace": body.namespace,
    }
    return Write(scope, "message.record", data, request, index)


def is_said(message: ObservedMessage) -> bool:
    """Whether there is anything to record."""
    return bool(message.content.strip())


def _context(body: ObserveIn) -> dict[str, JsonValue]:
    context: dict[str, JsonValue] = {}
    if body.source_event_ids:
        context["source_event_ids"] = list(body.source_event_ids)
    if body.turn_count is not None:
        context["turn_count"] = body.turn_count
    return context
