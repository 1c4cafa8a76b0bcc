"""The journaling bot: a chat whose memory its user can see and edit (features.md, S1-01 to S1-06)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from mneme_common.domain.journal import JOURNAL, Bucket
from mneme_common.domain.vocabulary import Role
from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.errors import ApiError, invalid_field
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, ScopeDep, record_uuid
from mneme_gateway.routes.responses import PENDING, Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.journal import (
    ChatIn,
    ChatOut,
    ClearOut,
    JournalItem,
    JournalItemIn,
    JournalMemories,
    JournalMessage,
    JournalMessages,
)
from mneme_gateway.schemas.messages import Cursor, MessageOut
from mneme_gateway.schemas.parts import Accepted
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import journaling as writes

router = APIRouter(tags=["journal"], route_class=JsonRoute)

_LATER: Responses = {
    202: {
        "model": ChatOut | Accepted,
        "description": "Durable; `pending` names what is yet to come, or the operation's URL tells of the message.",
    }
}
_WRITE_ERRORS = errors(400, 403, 404, 409, 429)
Type = Annotated[str, Path(description="identity, principles, focus or signals.", min_length=1, max_length=64)]


@router.post("/chat", response_model=ChatOut, responses=_LATER | _WRITE_ERRORS)
async def chat(body: ChatIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """Keeps what is written, answers it from memory, and says what it has changed there."""
    if not body.message.strip():
        raise ApiError(400, "BLANK_MESSAGE", "The message is blank.")
    scope = scope_of(caller, body.tenant_id, body.user_id)
    outcome, result = await services.journal.turn(scope, body, options.attempt)
    if outcome is None:
        return accepted(services.operations, result, options.headers)
    return answer(outcome, 202 if outcome.pending else 200, options.headers)


@router.get("/memories", response_model=JournalMemories, responses=errors(403))
async def journal_memories(scope: ScopeDep, services: ServicesDep) -> Response:
    """What the journal's memory holds, by type; of more than a thousand items the latest."""
    return answer(await services.journal_items.memories(scope))


@router.put("/memories/{type}/{memory_id}", response_model=JournalItem, responses=PENDING | _WRITE_ERRORS)
async def edit_journal_memory(
    type: Type,  # noqa: A002  (the path's name for it)
    memory_id: PathId,
    body: JournalItemIn,
    caller: CallerDep,
    named: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
) -> Response:
    """Words an item anew, as a version of it; the old one stays in the memory's history."""
    scope = scope_of(caller, body.tenant_id or named.tenant_id, body.user_id or named.user_id)
    bucket, root_id = _named(type, memory_id)
    if body.id is not None and record_uuid(body.id, "body") != root_id:
        raise invalid_field("id", "is not the id in the path")
    await services.journal_items.item(scope, bucket, root_id)
    write = writes.edited(scope, bucket, root_id, body)
    result = await services.writer.write_one(options.attempt("journal.edit"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    return answer(await services.journal_items.item(scope, bucket, root_id), 200, options.headers)


@router.delete("/memories/{type}/{memory_id}", status_code=204, responses=PENDING | _WRITE_ERRORS)
async def forget_journal_memory(
    type: Type,  # noqa: A002  (the path's name for it)
    memory_id: PathId,
    scope: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
) -> Response:
    """Forgets an item."""
    bucket, root_id = _named(type, memory_id)
    await services.journal_items.item(scope, bucket, root_id)
    result = await services.writer.write_one(options.attempt("journal.forget"), writes.forgotten(scope, root_id))
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    return Response(status_code=204, headers=options.headers)


@router.get("/messages", response_model=JournalMessages, responses=errors(400, 403))
async def journal_messages(
    scope: ScopeDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
    cursor: Cursor | None = None,
) -> Response:
    """What was written and answered: the latest, the oldest of them first."""
    page = await services.messages.of_conversation(
        scope, JOURNAL, limit=limit, cursor=cursor, newest_first=True, may_be_empty=True
    )
    shown = [_shown(message) for message in reversed(page.messages)]
    return answer(JournalMessages(messages=shown, next_cursor=page.next_cursor))


@router.delete("/clear", response_model=ClearOut, responses=PENDING | errors(403, 404, 409, 429))
async def clear_journal(scope: ScopeDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """Clears the journal: its messages and its memories, all at once or nothing."""
    result = await services.writer.write_one(options.attempt("journal.clear"), writes.cleared(scope))
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    body = result.outcome.body
    outcome = ClearOut(
        success=True,
        message="The journal is empty.",
        messages_cleared=body["messages"],
        memories_cleared=body["memories"],
    )
    return answer(outcome, 200, options.headers)


def _named(bucket: str, memory_id: str) -> tuple[Bucket, UUID]:
    if bucket not in set(Bucket):
        raise ApiError(400, "BAD_TYPE", "The type is identity, principles, focus or signals.")
    return Bucket(bucket), record_uuid(memory_id)


def _shown(message: MessageOut) -> JournalMessage:
    sender: Literal["user", "bot"] = "user" if message.role is Role.USER else "bot"
    timestamp = int(message.occurred_at.timestamp() * 1000)
    return JournalMessage(id=str(message.id), content=message.content, sender=sender, timestamp=timestamp)
