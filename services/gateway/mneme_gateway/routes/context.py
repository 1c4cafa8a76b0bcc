"""Contexts: what was found, packed into a budget of tokens (features.md, S1-12)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.unified_query import unified_query
from mneme_gateway.schemas.context import ContextIn, ContextOut
from mneme_gateway.search.context_presentation import context_out
from mneme_gateway.services import ServicesDep

router = APIRouter(tags=["search"], route_class=JsonRoute)


@router.post("/v1/retrieve/context", response_model=ContextOut, responses=errors(403))
async def context(body: ContextIn, caller: CallerDep, services: ServicesDep) -> Response:
    """What answers the query, as numbered lines within a budget of tokens; equal requests get equal bytes."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    query = unified_query(body, body.top_k, await services.retrieval_params.of(scope.tenant_id))
    packed = await services.packer.context(scope, query, body.token_budget)
    return answer(context_out(packed))
