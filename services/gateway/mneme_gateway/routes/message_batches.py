"""Up to a hundred messages at once (features.md, S2-04 to S2-06, C4). Items succeed and fail one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.batch_items import note_results, plan
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptions, WriteOptionsDep
from mneme_gateway.schemas.messages import BatchOut, MessageIdsIn, MessagesIn, MessageUpdatesIn
from mneme_gateway.services import Services, ServicesDep
from mneme_gateway.writing import messages as writes
from mneme_gateway.writing.events import Write
from mneme_gateway.writing.writer import Result

router = APIRouter(prefix="/v1/messages/batch", tags=["messages"], route_class=JsonRoute)

_MIXED: Responses = {207: {"model": BatchOut, "description": "Not all were done: see `errors` and `pending`."}}
_ANSWERS = _MIXED | errors(403, 404, 409, 429)


@router.post("", status_code=201, response_model=BatchOut, responses=_ANSWERS)
async def record_messages(
    body: MessagesIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Keeps what was said, in this order."""
    outcome = BatchOut()
    makers = [partial(writes.record, caller, item, body, index) for index, item in enumerate(body.messages)]
    planned = plan(makers, outcome.errors)
    for result in await _written(services, options, "messages.record_batch", planned, outcome):
        services.metrics.count_message(
            result.write.scope.tenant_id, body.messages[result.write.index].role.value, "batch", result.status
        )
        if result.outcome is not None and result.refusal is None:
            outcome.created.append(writes.recorded_message(result, result.outcome))
    return _answer(outcome, 201, options)


@router.put("/update", response_model=BatchOut, responses=_ANSWERS)
@router.post("/update", response_model=BatchOut, responses=_ANSWERS, operation_id="update_messages_by_post")
async def update_messages(
    body: MessageUpdatesIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Changes each message as its update says."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    outcome = BatchOut()
    makers = [
        partial(writes.update, scope, item.message_id, item.update, index) for index, item in enumerate(body.updates)
    ]
    planned = plan(makers, outcome.errors)
    results = await _written(services, options, "messages.update_batch", planned, outcome)
    updated = [body.updates[result.write.index].message_id for result in results if result.status == "recorded"]
    messages = await services.messages.some(scope, updated) if updated else {}
    outcome.updated = [messages[message_id] for message_id in updated if message_id in messages]
    return _answer(_naming(outcome, [item.message_id for item in body.updates]), 200, options)


@router.delete("", response_model=BatchOut, responses=_ANSWERS)
@router.post("/delete", response_model=BatchOut, responses=_ANSWERS, operation_id="delete_messages_by_post")
async def delete_messages(
    body: MessageIdsIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Deletes each message."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    outcome = BatchOut()
    planned = [writes.delete(scope, message_id, index) for index, message_id in enumerate(body.message_ids)]
    results = await _written(services, options, "messages.delete_batch", planned, outcome)
    outcome.deleted = [body.message_ids[result.write.index] for result in results if result.status == "recorded"]
    return _answer(_naming(outcome, body.message_ids), 200, options)


async def _written(
    services: Services, options: WriteOptions, operation: str, planned: Sequence[Write], outcome: BatchOut
) -> list[Result]:
    """The results, with refusals and what is pending noted in the outcome."""
    results = await services.writer.write(options.attempt(operation), planned)
    note_results(services.operations, results, outcome.errors, outcome.pending)
    positions = [result.outcome.position for result in results if result.outcome is not None]
    outcome.position = max(positions, default=None)
    return results


def _naming(outcome: BatchOut, message_ids: Sequence[UUID]) -> BatchOut:
    for error in outcome.errors:
        error.message_id = message_ids[error.message_index]
    return outcome


def _answer(outcome: BatchOut, status: int, options: WriteOptions) -> Response:
    complete = not outcome.errors and not outcome.pending
    return answer(outcome, status if complete else 207, options.headers)
