"""Jobs: replays and retention runs, for operators; the retention policy (S2-27, S2-29)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_common.contracts.jobs import EVERY_TENANT
from mneme_gateway.auth.caller import DEFAULT_TENANT, CallerDep, require_master
from mneme_gateway.auth.operators import operated_tenant
from mneme_gateway.errors import JSON_MEDIA_TYPE, ApiError
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, record_uuid
from mneme_gateway.routes.responses import Responses, errors
from mneme_gateway.routes.write_options import WriteOptionsDep
from mneme_gateway.schemas.operator import JobOut, PolicyIn, PolicyOut, ReplayIn, RetentionRunIn, RetentionRunOut
from mneme_gateway.schemas.parts import TenantId
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["operators"], route_class=JsonRoute)
_PENDING: Responses = {202: {"model": JobOut, "description": "Not finished within the wait; ask /v1/admin/jobs/{id}."}}


@router.post("/admin/replay", status_code=202, response_model=JobOut, responses=errors(403, 404))
async def replay(body: ReplayIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """Asks for a replay; its result, at the job, says whether the records equal the ledger.

    Without tenant and user it covers all tenants.
    """
    require_master(caller)
    tenant_id = body.tenant_id or (EVERY_TENANT if body.user_id is None else DEFAULT_TENANT)
    if tenant_id != EVERY_TENANT:
        await services.tenants.require({tenant_id})
    parameters: dict[str, object] = {"redecide": body.redecide}
    if body.user_id is not None:
        parameters["user_id"] = body.user_id
    job_id = await services.jobs.ask(tenant_id, "replay.verify", parameters)
    job = await services.jobs.settled(job_id, options.wait_seconds)
    return answer(job, 202, {"Location": f"/v1/admin/jobs/{job_id}"})


@router.post("/admin/keys/rewrap", status_code=202, response_model=JobOut, responses=errors(403))
async def rewrap_keys(caller: CallerDep, services: ServicesDep, options: WriteOptionsDep) -> Response:
    """Wraps the keys of all data subjects by the present master key, after it was changed; no payload is touched."""
    require_master(caller)
    job_id = await services.jobs.ask(EVERY_TENANT, "keys.rewrap", {})
    job = await services.jobs.settled(job_id, options.wait_seconds)
    return answer(job, 202, {"Location": f"/v1/admin/jobs/{job_id}"})


@router.get("/admin/jobs/{job_id}", response_model=JobOut, responses=errors(403, 404))
async def get_job(job_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """A job and, once it is done, its result."""
    require_master(caller)
    return answer(await services.jobs.get(record_uuid(job_id)))


@router.post("/admin/retention/run", response_model=RetentionRunOut, responses=_PENDING | errors(403, 404))
async def run_retention(
    body: RetentionRunIn, caller: CallerDep, services: ServicesDep, options: WriteOptionsDep
) -> Response:
    """Applies the retention policy and answers with what it did; a dry run only counts."""
    require_master(caller)
    if not body.actions:
        raise ApiError(400, "EMPTY_ACTIONS", "actions must name archive, delete or decay")
    tenant_id = await operated_tenant(caller, services.tenants, body.tenant_id)
    parameters = {"actions": sorted(set(body.actions)), "dry_run": body.dry_run, "decay_below": body.decay_below}
    job_id = await services.jobs.ask(tenant_id, "retention.run", parameters)
    job = await services.jobs.settled(job_id, options.wait_seconds)
    if job.status == "failed":
        raise ApiError(500, "JOB_FAILED", job.error or "The retention run failed.")
    if job.result is None:
        return answer(job, 202, {"Location": f"/v1/admin/jobs/{job_id}"})
    counts = {
        name: int(count) for name in ("archived", "deleted", "decayed") if (count := job.result.get(name)) is not None
    }
    done = RetentionRunOut(**counts, dry_run=body.dry_run)
    return Response(done.model_dump_json(exclude_none=True).encode(), 200, media_type=JSON_MEDIA_TYPE)


@router.get("/retention/policy", response_model=PolicyOut, responses=errors(403, 404))
async def get_policy(
    caller: CallerDep, services: ServicesDep, tenant_id: Annotated[TenantId | None, Query()] = None
) -> Response:
    """The tenant's retention policy; the defaults when none was set."""
    chosen = await operated_tenant(caller, services.tenants, tenant_id)
    return answer(await services.jobs.policy(chosen))


@router.put("/retention/policy", response_model=PolicyOut, responses=errors(403, 404))
async def put_policy(
    body: PolicyIn,
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
) -> Response:
    """Changes what is named of the policy."""
    chosen = await operated_tenant(caller, services.tenants, body.tenant_id, tenant_id)
    return answer(await services.jobs.change_policy(chosen, body, caller))
