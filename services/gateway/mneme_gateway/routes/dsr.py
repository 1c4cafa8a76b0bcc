"""What a data subject may ask for: to be forgotten, told everything, and spoken of rightly (features.md, S1-37)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, record_uuid
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.dsr import RectifyIn, SubjectExport, SubjectIn, SubjectRequestOut
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing import rectifying

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


@router.post("/rectify", status_code=202, response_model=SubjectRequestOut, responses=errors(403, 404, 409, 429))
async def rectify_subject(
    body: RectifyIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Says what is true instead, in memories and messages. The receipt names each record and what became of it."""
    scope = scope_of(caller, body.tenant_id, body.user_id)
    writes = rectifying.rectify(scope, body)
    results = await services.writer.write(options.attempt(rectifying.OPERATION), writes)
    for refusal in (result.refusal for result in results):
        if refusal is not None and refusal.code == "IDEMPOTENCY_CONFLICT":
            raise refusal
    key = options.idempotency_key
    known = None if key is None else rectifying.request_id(scope, key)
    request_id = await services.dsr.rectifications.note(caller, scope, results, known)
    request = await services.dsr.get(caller, request_id)
    return answer(request, 202, {"Location": f"/v1/dsr/{request.id}", **options.headers})


@router.get("/{request_id}", response_model=SubjectRequestOut, responses=errors(400, 403, 404))
async def get_subject_request(request_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """A request and, once it is done, its receipt."""
    return answer(await services.dsr.get(caller, record_uuid(request_id)))
