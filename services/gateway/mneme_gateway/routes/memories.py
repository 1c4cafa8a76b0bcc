"""Memories: store, list, read, delete, and their history (features.md, S4-01 to S4-03, C1, C2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_common.contracts.commands import Label
from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.routes.answers import accepted, answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.memory_answers import written_memory
from mneme_gateway.routes.memory_filters import MemoryFilterDep
from mneme_gateway.routes.parameters import PastDep, PathId, ScopeDep, position_header, record_uuid
from mneme_gateway.routes.preconditions import ExpectedVersion, entity_tag
from mneme_gateway.routes.responses import PENDING, Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memories import MemoryHistory, MemoryIn, MemoryOut, MemoryPage
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import memories as writes

router = APIRouter(prefix="/v1/memories", tags=["memories"], route_class=JsonRoute)

_UNCHANGED: Responses = {200: {"model": MemoryOut, "description": "It was known already; nothing has changed."}}
_LIST_MAX = 500

ListLimit = Annotated[int, Query(ge=1, description="At most 500; more is taken as 500.")]


@router.post("", status_code=201, response_model=MemoryOut, responses=_UNCHANGED | PENDING | errors(403, 404, 409, 429))
async def store_memory(
    body: MemoryIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Remembers something. Personal data is replaced; a secret is refused."""
    write = writes.store(caller, body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.store"), write)
    return await written_memory(services, result, options)


@router.get("", response_model=MemoryPage, responses=errors(400, 403))
async def list_memories(
    scope: ScopeDep,
    services: ServicesDep,
    wanted: MemoryFilterDep,
    past: PastDep,
    limit: ListLimit = 50,
    cursor: Annotated[str | None, Query(max_length=64, description="`next_cursor` of the page before.")] = None,
) -> Response:
    """The user's active memories, the last written first."""
    after = None if cursor is None else record_uuid(cursor, where="cursor")
    page = await services.memories.page(scope, wanted, limit=min(limit, _LIST_MAX), cursor=after, past=past)
    return answer(page, 200, position_header(past))


@router.get("/{memory_id}", response_model=MemoryOut, responses=errors(400, 403, 404))
async def get_memory(memory_id: PathId, scope: ScopeDep, services: ServicesDep, past: PastDep) -> Response:
    """The version that the id names; an earlier version is inactive and names its successor.

    With `as_of` it is the version that was current then, whichever of the memory's ids the path has.
    """
    memory = await services.memories.get(scope, record_uuid(memory_id), past)
    return answer(memory, 200, entity_tag(memory.version) | position_header(past))


@router.get("/{memory_id}/history", response_model=MemoryHistory, responses=errors(400, 403, 404))
async def get_history(memory_id: PathId, scope: ScopeDep, services: ServicesDep, past: PastDep) -> Response:
    """Every version of a memory; any version's id will do."""
    return answer(await services.memories.history(scope, record_uuid(memory_id), past), 200, position_header(past))


@router.delete("/{memory_id}", status_code=204, responses=PENDING | errors(400, 403, 404, 409, 429))
async def delete_memory(
    memory_id: PathId,
    scope: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
    expected: ExpectedVersion,
    reason: Annotated[Label | None, Query(description="Kept in the memory's history.")] = None,
) -> Response:
    """Forgets a memory: it is neither listed nor found any more."""
    write = writes.delete(scope, record_uuid(memory_id), reason, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.delete"), write)
    if result.outcome is None:
        return accepted(services.operations, result, options.headers)
    return Response(status_code=204, headers=options.headers)
