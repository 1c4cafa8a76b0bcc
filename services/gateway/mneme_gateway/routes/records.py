"""Records: memories of the classes that a tenant has defined (features.md, S1-39 to S1-46)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.memory_answers import written_memory
from mneme_gateway.routes.preconditions import ExpectedVersion
from mneme_gateway.routes.responses import PENDING, Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.records import RecordIn
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import records as writes

router = APIRouter(prefix="/v1/records", tags=["memories"], route_class=JsonRoute)

_KNOWN: Responses = {200: {"model": MemoryOut, "description": "It was known already; nothing has changed."}}


@router.post("", status_code=201, response_model=MemoryOut, responses=_KNOWN | PENDING | errors(403, 404, 409, 429))
async def store_record(
    body: RecordIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep, expected: ExpectedVersion
) -> Response:
    """Remembers a record, or says more of the one with the same identity. What columns marked as personal hold is
    replaced; values that fit no column are refused."""
    write = writes.store(caller, body, expected=expected)
    result = await services.writer.write_one(options.attempt("records.store"), write)
    return await written_memory(services, result, options)
