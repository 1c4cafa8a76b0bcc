"""A tenant's search policy, for its operators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.schemas.search_policy import SearchPolicyIn, SearchPolicyOut
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/search", tags=["search"], route_class=JsonRoute)


@router.get("/policy", response_model=SearchPolicyOut, responses=errors(403, 404))
async def get_search_policy(
    caller: CallerDep, services: ServicesDep, tenant_id: Annotated[TenantId | None, Query()] = None
) -> Response:
    """Whether the tenant's searches have a second stage unless they say otherwise."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.search_policies.get(chosen))


@router.put("/policy", response_model=SearchPolicyOut, responses=errors(403, 404))
async def put_search_policy(
    body: SearchPolicyIn,
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
) -> Response:
    """Changes what is named of the policy."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.search_policies.change(chosen, body))
