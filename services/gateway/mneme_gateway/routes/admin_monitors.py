"""How well memory is kept, and the switch that stops merging: for operators (features.md, S1-49, S1-50)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.monitors import KillSwitchIn, KillSwitchOut, Monitors
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing.scrubbing import scrubbed_text

router = APIRouter(prefix="/v1/admin", tags=["operators"], route_class=JsonRoute)

_MONTH_HOURS = 744


@router.get("/monitors", response_model=Monitors, responses=errors(403, 404))
async def read_monitors(
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
    hours: Annotated[int, Query(ge=1, le=_MONTH_HOURS, description="How far to look back.")] = 24,
) -> Response:
    """False and missed updates by class, searches without hits, the size of what is kept, and the kill switches."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.monitors.read(chosen, hours))


@router.put("/kill-switch", response_model=KillSwitchOut, responses=errors(403, 404))
async def put_kill_switch(body: KillSwitchIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Stops merging in a class, or allows it again; while it is stopped, every proposal becomes a memory of its own."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id)
    if body.reason is not None:
        reason = scrubbed_text(body.reason, "reason", await services.privacy.scrubber(chosen))
        body = body.model_copy(update={"reason": reason})
    return answer(await services.monitors.switch(chosen, body, caller))
