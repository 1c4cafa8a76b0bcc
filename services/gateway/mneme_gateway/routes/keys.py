"""API keys (features.md, S4-51): made by the master, rotated and revoked by their owner too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import DEFAULT_TENANT, CallerDep, Scope, require_master, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, record_uuid
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.keys import KeyIn, KeyList, KeyOut, NewKey
from mneme_gateway.schemas.parts import TenantId, UserId
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing.scrubbing import scrubbed_text

router = APIRouter(prefix="/auth/keys", tags=["keys"], route_class=JsonRoute)


@router.post("", status_code=201, response_model=NewKey, responses=errors(403))
async def make_key(body: KeyIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Makes a key. The answer is the only place where it is shown."""
    require_master(caller)
    owner = Scope(body.tenant_id or DEFAULT_TENANT, body.user_id)
    await services.tenants.make([owner.tenant_id])
    name = scrubbed_text(body.name, "name", await services.privacy.scrubber(owner.tenant_id))
    return answer(await services.keys.make(caller, owner, name, body.expires_at), 201)


@router.get("", response_model=KeyList, responses=errors(403))
async def list_keys(
    caller: CallerDep,
    services: ServicesDep,
    tenant_id: Annotated[TenantId | None, Query()] = None,
    user_id: Annotated[UserId | None, Query()] = None,
) -> Response:
    """The caller's active keys; the master's are everybody's."""
    scope_of(caller, tenant_id, user_id)
    return answer(KeyList(keys=await services.keys.all(caller, tenant_id, user_id)))


@router.get("/{key_id}", response_model=KeyOut, responses=errors(404))
async def get_key(key_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """One key, without the key itself."""
    return answer(await services.keys.get(caller, record_uuid(key_id)))


@router.put("/{key_id}/rotate", status_code=201, response_model=NewKey, responses=errors(404))
async def rotate_key(key_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """A new key in place of this one, which is revoked at once."""
    return answer(await services.keys.rotate(caller, record_uuid(key_id)), 201)


@router.delete("/{key_id}", status_code=204, responses=errors(404))
async def revoke_key(key_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """Revokes a key at once."""
    await services.keys.revoke(caller, record_uuid(key_id))
    return Response(status_code=204)
