"""How the pipeline stands: for operators."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, require_master
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.operator import SystemStatus
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/admin/status", tags=["operators"], route_class=JsonRoute)


@router.get("", response_model=SystemStatus, responses=errors(403))
async def read_status(caller: CallerDep, services: ServicesDep) -> Response:
    """Stages with lag, rate and dead letters; what is unfinished, and how old the oldest of it is; the log in use."""
    require_master(caller)
    return answer(await services.status.read())
