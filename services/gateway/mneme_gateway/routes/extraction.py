"""A tenant's extraction, for operators: its token budget, what it has spent, and what waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import DEFAULT_TENANT, CallerDep, require_master
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.extraction import ExtractionPolicyIn, ExtractionPolicyOut
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/extraction", tags=["operators"], route_class=JsonRoute)


@router.get("/policy", response_model=ExtractionPolicyOut, responses=errors(403, 404))
async def get_extraction_policy(
    caller: CallerDep, services: ServicesDep, tenant_id: Annotated[TenantId | None, Query()] = None
) -> Response:
    """The tenant's token budget; without limits when none was set."""
    require_master(caller)
    chosen = tenant_id or DEFAULT_TENANT
    await services.tenants.require({chosen})
    return answer(await services.extraction.policy(chosen))


@router.put("/policy", response_model=ExtractionPolicyOut, responses=errors(403, 404))
async def put_extraction_policy(
    body: ExtractionPolicyIn,
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
) -> Response:
    """Changes what is named of the budget; `null` lifts a limit."""
    require_master(caller)
    chosen = body.tenant_id or tenant_id or DEFAULT_TENANT
    await services.tenants.require({chosen})
    return answer(await services.extraction.change(chosen, body))
