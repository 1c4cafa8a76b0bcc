"""The audit trail: of oneself, and of a tenant for operators (features.md, S0-31)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.control.audit import AuditFilter
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.audit import AuditPage, EventType
from mneme_gateway.schemas.parts import TenantId, UserId, UtcTime
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/audit", tags=["privacy"], route_class=JsonRoute)
_PAGE_MAX = 500


async def audit_filter(
    user_id: Annotated[UserId | None, Query(description="Whose; absent: everybody's for operators.")] = None,
    event_type: Annotated[EventType | None, Query()] = None,
    since: Annotated[UtcTime | None, Query(description="That moment included.")] = None,
    until: Annotated[UtcTime | None, Query(description="That moment excluded.")] = None,
) -> AuditFilter:
    """Which events are asked for."""
    return AuditFilter(user_id=user_id, event_type=event_type, since=since, until=until)


@router.get("", response_model=AuditPage, responses=errors(400, 403, 404))
async def list_audit_events(
    caller: CallerDep,
    services: ServicesDep,
    wanted: Annotated[AuditFilter, Depends(audit_filter)],
    tenant_id: Annotated[TenantId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = 50,
    cursor: Annotated[str | None, Query(max_length=256)] = None,
) -> Response:
    """Erasures, exports, rectifications, keys and policies: who asked for what and when, newest first.

    With a user's key, what concerns that user.
    """
    if caller.is_master:
        tenant_id = await operated_tenant(caller, services.tenants, tenant_id)
    else:
        own = scope_of(caller, tenant_id, wanted.user_id)
        tenant_id, wanted = own.tenant_id, replace(wanted, user_id=own.user_id)
    return answer(await services.audit.page(tenant_id, wanted, limit=limit, cursor=cursor))
