"""A tenant's extraction, for operators: its token budget, what it has spent, what waits; messages read again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import Caller, CallerDep
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.routes.write_options import WriteOptions, WriteOptionsDep
from mneme_gateway.schemas.extraction import AcceptRunIn, ExtractionPolicyIn, ExtractionPolicyOut, RerunIn
from mneme_gateway.schemas.operator import JobOut
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.services import Services, ServicesDep

router = APIRouter(prefix="/v1/extraction", tags=["operators"], route_class=JsonRoute)


@router.get("/policy", response_model=ExtractionPolicyOut, responses=errors(403, 404))
async def get_extraction_policy(
    caller: CallerDep, services: ServicesDep, tenant_id: Annotated[TenantId | None, Query()] = None
) -> Response:
    """The tenant's token budget; without limits when none was set."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.extraction.policy(chosen))


@router.put("/policy", response_model=ExtractionPolicyOut, responses=errors(403, 404))
async def put_extraction_policy(
    body: ExtractionPolicyIn,
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
) -> Response:
    """Changes what is named of the budget; `null` lifts a limit."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.extraction.change(chosen, body, caller))


@router.post("/rerun", status_code=202, response_model=JobOut, responses=errors(403, 404))
async def rerun_extraction(
    body: RerunIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Asks for messages to be read again; the job's result says what accepting the run would change."""
    return await _asked("extraction.rerun", body, caller, services, options)


@router.post("/accept", status_code=202, response_model=JobOut, responses=errors(403, 404))
async def accept_extraction(
    body: AcceptRunIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Takes over what a run has found. What was said since, and what people stored themselves, is left alone."""
    return await _asked("extraction.accept", body, caller, services, options)


async def _asked(
    kind: str, body: RerunIn | AcceptRunIn, caller: Caller, services: Services, options: WriteOptions
) -> Response:
    tenant_id = await operated_tenant(caller, services.tenants, body.tenant_id)
    job_id = await services.jobs.ask(tenant_id, kind, body.model_dump(exclude_none=True, exclude={"tenant_id"}))
    job = await services.jobs.settled(job_id, options.wait_seconds)
    return answer(job, 202, {"Location": f"/v1/admin/jobs/{job_id}"})
