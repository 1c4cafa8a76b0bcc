"""What a data subject may ask for: to be forgotten, and to be told everything (features.md, S1-37)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, record_uuid
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.dsr import SubjectExport, SubjectIn, SubjectRequestOut
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/dsr", tags=["privacy"], route_class=JsonRoute)


@router.post("/erase", status_code=202, response_model=SubjectRequestOut, responses=errors(403, 404))
async def erase_subject(
    body: SubjectIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Erases everything of a user for good. The receipt, at the request, names every store once it is done."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    await services.tenants.require({scope.tenant_id})
    request = await services.dsr.erase(caller, scope, options.wait_seconds)
    return answer(request, 202, {"Location": f"/v1/dsr/{request.id}", **options.headers})


@router.post("/export", response_model=SubjectExport, responses=errors(403, 404))
async def export_subject(body: SubjectIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Everything that is kept of a user, in all versions and revisions; nothing of it is stored again."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    await services.tenants.require({scope.tenant_id})
    return answer(await services.dsr.export(caller, scope))


@router.get("/{request_id}", response_model=SubjectRequestOut, responses=errors(400, 403, 404))
async def get_subject_request(request_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """A request and, once it is done, its receipt."""
    return answer(await services.dsr.get(caller, record_uuid(request_id)))
