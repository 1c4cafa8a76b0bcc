"""The privacy policy of a tenant: what is refused, replaced or allowed of secrets and personal data (S1-21, S4-54)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.schemas.privacy import PrivacyPolicyIn, PrivacyPolicyOut
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/privacy", tags=["privacy"], route_class=JsonRoute)


@router.get("/policy", response_model=PrivacyPolicyOut, responses=errors(403, 404))
async def get_privacy_policy(
    caller: CallerDep, services: ServicesDep, tenant_id: Annotated[TenantId | None, Query()] = None
) -> Response:
    """The rule in force for every category of sensitive text."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.privacy.get(chosen))


@router.put("/policy", response_model=PrivacyPolicyOut, responses=errors(403, 404))
async def put_privacy_policy(
    body: PrivacyPolicyIn,
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
) -> Response:
    """Changes what is named of the policy; it holds from the next write on, and changes nothing that is stored."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.privacy.change(chosen, body, caller))
