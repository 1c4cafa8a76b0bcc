"""How a tenant's searches rank: for operators (S4-45 to S4-47)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.schemas.retrieval_params import RetrievalParamsIn, RetrievalParamsOut, TunedOut, TuneIn
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/retrieval-params", tags=["search"], route_class=JsonRoute)

TenantQuery = Annotated[TenantId | None, Query()]


@router.get("", response_model=RetrievalParamsOut, responses=errors(403, 404))
async def get_retrieval_params(caller: CallerDep, services: ServicesDep, tenant_id: TenantQuery = None) -> Response:
    """Every weight of the ranking `best`, and that of feedback."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.retrieval_params.get(chosen))


@router.put("", response_model=RetrievalParamsOut, responses=errors(403, 404))
async def put_retrieval_params(
    body: RetrievalParamsIn, caller: CallerDep, services: ServicesDep, tenant_id: TenantQuery = None
) -> Response:
    """Changes what is named; it holds from the next search on, and the change is on the audit trail."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.retrieval_params.change(caller, chosen, body))


@router.post("/tune", response_model=TunedOut, responses=errors(403, 404))
async def tune_retrieval_params(
    body: TuneIn, caller: CallerDep, services: ServicesDep, tenant_id: TenantQuery = None
) -> Response:
    """Sets the weight of feedback to the one given; without one, up or down as the tenant's feedback says."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.retrieval_params.tune(caller, chosen, body.feedback_weight))
