"""Decisions: why a memory is as it is, and going back on it (features.md, S1-44 to S1-47)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.errors import not_found
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, ScopeDep, record_uuid
from mneme_gateway.routes.responses import PENDING, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.decisions import DecisionOut, UndoIn, UndoneOperation, UndoOperationIn
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import undo as writes

router = APIRouter(prefix="/v1", route_class=JsonRoute)

_DONE = {"restore": "restored", "retract": "retracted"}


@router.get(
    "/memories/{memory_id}/decision", response_model=DecisionOut, responses=errors(400, 403, 404), tags=["memories"]
)
async def get_decision(memory_id: PathId, scope: ScopeDep, services: ServicesDep) -> Response:
    """The decision that wrote the version which the id names: what was compared, by which rule it was chosen."""
    return answer(await services.decisions.behind(scope, record_uuid(memory_id)))


@router.post(
    "/memories/{memory_id}/undo",
    response_model=MemoryOut,
    responses=PENDING | errors(400, 403, 404, 409, 429),
    tags=["memories"],
)
async def undo_memory(
    memory_id: PathId, body: UndoIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Goes back to what held before the last decision on the memory, by a new version; any version's id will do.

    A memory that was forgotten is known again; one that was new is forgotten. An undo can be undone.
    """
    scope = scope_of(caller, body.tenant_id, body.user_id)
    write = writes.undo(scope, record_uuid(memory_id), body.version, body.reason)
    result = await services.writer.write_one(options.attempt("memories.undo"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    written = UUID(result.outcome.body["memory_id"])
    found = await services.memories.versions(scope, [written])
    if written not in found:
        raise not_found("Memory")
    action = _DONE[result.outcome.body["action"]]
    return answer(found[written].model_copy(update={"action": action}), 200, options.headers)


@router.post(
    "/operations/{operation_id}/undo",
    response_model=UndoneOperation,
    responses=PENDING | errors(400, 403, 404, 409, 429),
    tags=["operations"],
)
async def undo_operation(
    operation_id: Annotated[str, Path(max_length=64)],
    body: UndoOperationIn,
    caller: CallerDep,
    services: ServicesDep,
    options: WriteOptionsDep,
) -> Response:
    """Goes back on everything that one operation did to memories, or on nothing of it if one has changed since."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    write = writes.undo_operation(scope, services.operations.event_id(scope, operation_id), body.reason)
    result = await services.writer.write_one(options.attempt("operations.undo"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    written = [UUID(memory_id) for memory_id in result.outcome.body["memory_ids"]]
    found = await services.memories.versions(scope, written)
    return answer(UndoneOperation(memories=[found[one] for one in written if one in found]), 200, options.headers)
