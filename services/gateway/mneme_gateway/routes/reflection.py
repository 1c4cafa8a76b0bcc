"""Reflection: memories that belong together become one that says the same in fewer words (S1-14, S4-38, S4-39)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.reflection import Candidate, CandidateMemory, CandidatesOut, ReflectIn, ReflectOut
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/reflect", tags=["memories"], route_class=JsonRoute)
_GOES_ON: Responses = {202: {"model": ReflectOut, "description": "Not finished within the wait; it goes on."}}


@router.post("", response_model=ReflectOut, responses=_GOES_ON | errors(403, 404, 429))
async def reflect(
    body: ReflectIn,
    caller: CallerDep,
    services: ServicesDep,
    options: WriteOptionsDep,
    force: Annotated[bool, Query(description="Although the last reflection was less than two hours ago.")] = False,
) -> Response:
    """Distils what belongs together. The memories that it is made of stay, and the new ones name them."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    await services.tenants.require({scope.tenant_id})
    if not force:
        await services.reflection.require_rested(scope)
    result = await services.reflection.run(scope, dry_run=False, seconds=options.wait_seconds)
    if result is None:
        return answer(ReflectOut(status="pending"), 202)
    return answer(ReflectOut(**{name: result[name] for name in ("scenes_created", "candidates_found", "ended")}))


@router.post("/candidates", response_model=CandidatesOut, responses=_GOES_ON | errors(403, 404))
async def reflect_candidates(
    body: ReflectIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """What belongs together, or contradicts itself; nothing is changed and no model is asked."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    await services.tenants.require({scope.tenant_id})
    result = await services.reflection.run(scope, dry_run=True, seconds=options.wait_seconds)
    if result is None:
        return answer(CandidatesOut(status="pending", candidates=[]), 202)
    found = result["candidates"]
    known = await services.memories.some(scope, [UUID(name) for item in found for name in item["memory_ids"]])
    candidates = [
        Candidate(
            signal=item["signal"],
            importance=item["importance"],
            memories=[
                CandidateMemory(memory_id=memory.memory_id, content=memory.content)
                for name in item["memory_ids"]
                if (memory := known.get(UUID(name))) is not None
            ],
        )
        for item in found
    ]
    return answer(CandidatesOut(candidates=candidates))
