"""Messages: record, read, change, delete one (features.md, S2-01 to S2-03)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, Scope, scope_of
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PastDep, PathId, ScopeDep, position_header, record_uuid
from mneme_gateway.routes.preconditions import ExpectedVersion, entity_tag
from mneme_gateway.routes.responses import PENDING, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.extraction import MessageExtraction
from mneme_gateway.schemas.messages import MessageIn, MessageOut, MessageUpdateIn
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import messages as writes

router = APIRouter(prefix="/v1/messages", tags=["messages"], route_class=JsonRoute)


@router.post("", status_code=201, response_model=MessageOut, responses=PENDING | errors(403, 404, 409, 429))
async def record_message(
    body: MessageIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Keeps what was said. Personal data is replaced; a secret is refused."""
    write = writes.record(caller, body)
    result = await services.writer.write_one(options.attempt("messages.record"), write)
    services.metrics.count_message(write.scope.tenant_id, body.role.value, "single", result.status)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    message = writes.recorded_message(result, result.outcome)
    return answer(
        message, 201, {**options.headers, **entity_tag(message.revision), "Location": f"/v1/messages/{message.id}"}
    )


@router.get("/{message_id}", response_model=MessageOut, responses=errors(400, 403, 404))
async def get_message(message_id: PathId, scope: ScopeDep, services: ServicesDep, past: PastDep) -> Response:
    """One message as it is now, or was."""
    message = await services.messages.get(scope, record_uuid(message_id), past)
    return answer(message, 200, entity_tag(message.revision) | position_header(past))


@router.get("/{message_id}/extraction", response_model=MessageExtraction, responses=errors(400, 403, 404))
async def get_message_extraction(message_id: PathId, scope: ScopeDep, services: ServicesDep) -> Response:
    """Whether the message has been read for what to remember, by what, and the memories that it gave."""
    named = record_uuid(message_id)
    extraction = await services.extractions.of_message(scope, named)
    extraction.memories = await services.memories.drawn_from(scope, [named])
    return answer(extraction)


@router.put("/{message_id}", response_model=MessageOut, responses=PENDING | errors(400, 403, 404, 409, 429))
async def update_message(
    message_id: PathId,
    body: MessageUpdateIn,
    caller: CallerDep,
    named: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
    expected: ExpectedVersion,
) -> Response:
    """Changes what is named and keeps the rest, as a new revision."""
    scope = _scope(caller, body, named)
    write = writes.update(scope, record_uuid(message_id), body, expected=expected)
    result = await services.writer.write_one(options.attempt("messages.update"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    message = await services.messages.get(scope, record_uuid(message_id))
    return answer(message, 200, options.headers | entity_tag(message.revision))


@router.delete("/{message_id}", status_code=204, responses=PENDING | errors(400, 403, 404, 409, 429))
async def delete_message(
    message_id: PathId, scope: ScopeDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Deletes a message; it is neither listed nor found any more."""
    write = writes.delete(scope, record_uuid(message_id), expected=expected)
    result = await services.writer.write_one(options.attempt("messages.delete"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    return Response(status_code=204, headers=options.headers)


def _scope(caller: CallerDep, body: MessageUpdateIn, named: Scope) -> Scope:
    """Tenant and user from the body, else from the query."""
    return scope_of(caller, body.tenant_id or named.tenant_id, body.user_id or named.user_id)
