"""Rectification (S1-37): what is kept of a data subject and is not so, said right, each record by its own write."""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import EventData, ReviseMemory, UpdateMessage
from mneme_common.domain.identifiers import http_event_id
from mneme_gateway.auth.caller import Scope
from mneme_gateway.schemas.dsr import RectifyIn
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write

OPERATION = "dsr.rectify"


def rectify(scope: Scope, asked: RectifyIn) -> list[Write]:
    """Corrections of memories first, then new revisions of messages, in the order in which they were named."""
    told = [("memory", one.memory_id, one.new_content) for one in asked.memories]
    told += [("message", one.message_id, one.new_content) for one in asked.messages]
    return [
        Write(
            scope,
            "memory.revise" if record == "memory" else "message.update",
            _data(record, record_id, content, asked.reason),
            {"record": record, "id": str(record_id), "new_content": content, "reason": asked.reason},
            index,
        )
        for index, (record, record_id, content) in enumerate(told)
    ]


def request_id(scope: Scope, idempotency_key: str) -> UUID:
    """The id of the request that a retry with this key repeats."""
    return http_event_id(scope.tenant_id, scope.user_id, f"{OPERATION}.request", idempotency_key, 0)


def _data(record: str, record_id: UUID, content: str, reason: str | None) -> EventData:
    if record == "message":
        return command(UpdateMessage, {"message_id": record_id, "content": content})
    fields = {"memory_id": record_id, "op": "correct", "content": content, "source": "rectify", "reason": reason}
    return command(ReviseMemory, fields)
