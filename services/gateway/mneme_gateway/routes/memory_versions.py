"""New versions of a memory that its path names (features.md, S1-18, S4-17)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import Caller, CallerDep, Scope, scope_of
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.memory_answers import corrected_memory, written_memory
from mneme_gateway.routes.parameters import PathId, ScopeDep, record_uuid
from mneme_gateway.routes.preconditions import ExpectedVersion
from mneme_gateway.routes.responses import PENDING, Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.memory_versions import CorrectedMemory, CorrectionIn, VersionIn
from mneme_gateway.schemas.parts import Owned
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import revisions as writes

router = APIRouter(prefix="/v1/memories/{memory_id}", tags=["memories"], route_class=JsonRoute)

_UNCHANGED: Responses = {200: {"model": MemoryOut, "description": "It says so already; nothing has changed."}}
_ERRORS = errors(400, 403, 404, 409, 429)


@router.post("/versions", status_code=201, response_model=MemoryOut, responses=_UNCHANGED | PENDING | _ERRORS)
async def append_version(
    memory_id: PathId,
    body: VersionIn,
    caller: CallerDep,
    named: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
    expected: ExpectedVersion,
) -> Response:
    """Adds a version to a memory, whichever of its ids the path has; what the body does not say stays."""
    write = writes.append(_scope(caller, body, named), record_uuid(memory_id), body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.append_version"), write)
    return await written_memory(services, result, options)


@router.put("/correct", response_model=CorrectedMemory, responses=PENDING | _ERRORS)
async def correct_memory(
    memory_id: PathId,
    body: CorrectionIn,
    caller: CallerDep,
    named: ScopeDep,
    services: ServicesDep,
    options: WriteOptionsDep,
    expected: ExpectedVersion,
) -> Response:
    """Says what is true instead: a new version of trust tier T2; the old one stays in the history."""
    write = writes.correct(_scope(caller, body, named), record_uuid(memory_id), body, expected=expected)
    result = await services.writer.write_one(options.attempt("memories.correct"), write)
    return await corrected_memory(services, result, options, matched=False)


def _scope(caller: Caller, body: Owned, named: Scope) -> Scope:
    """Tenant and user from the body, else from the query."""
    return scope_of(caller, body.tenant_id or named.tenant_id, body.user_id or named.user_id)
