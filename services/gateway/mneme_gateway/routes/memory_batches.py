"""Up to a hundred memories at once (features.md, S4-06)."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.errors import JSON_MEDIA_TYPE
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.batch_items import note_results, plan
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.memories import MemoriesIn, MemoryBatchOut, MemoryOut
from mneme_gateway.services import Services, ServicesDep
from mneme_gateway.writing import memories as writes
from mneme_gateway.writing.writer import Result

router = APIRouter(prefix="/v1/memories/batch", tags=["memories"], route_class=JsonRoute)

_LISTED = TypeAdapter(list[MemoryOut])
_MIXED: Responses = {207: {"model": MemoryBatchOut, "description": "Not all were stored: see `errors` and `pending`."}}


@router.post("", status_code=201, response_model=list[MemoryOut], responses=_MIXED | errors(403, 404, 409, 429))
async def store_memories(
    body: MemoriesIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Remembers each; 201 with all of them, in this order, when all were stored."""
    outcome = MemoryBatchOut()
    makers = [partial(writes.store, caller, item, body, index) for index, item in enumerate(body.memories)]
    planned = plan(makers, outcome.errors)
    results = await services.writer.write(options.attempt("memories.store_batch"), planned)
    note_results(services.operations, results, outcome.errors, outcome.pending)
    outcome.created = await _stored(services, [result for result in results if result.status == "recorded"])
    if outcome.errors or outcome.pending:
        return answer(outcome, 207, options.headers)
    return Response(_LISTED.dump_json(outcome.created), 201, options.headers, JSON_MEDIA_TYPE)


async def _stored(services: Services, results: list[Result]) -> list[MemoryOut]:
    """The memories as stored, in order; read once for each user that the batch names."""
    wanted = {id(result): UUID(result.outcome.body["memory_id"]) for result in results if result.outcome}
    found: dict[UUID, MemoryOut] = {}
    for scope in {result.write.scope for result in results}:
        own = [wanted[id(result)] for result in results if result.write.scope == scope]
        found |= await services.memories.some(scope, own)
    return [
        found[wanted[id(result)]].model_copy(update={"action": result.outcome.body["action"]})
        for result in results
        if result.outcome and wanted[id(result)] in found
    ]
