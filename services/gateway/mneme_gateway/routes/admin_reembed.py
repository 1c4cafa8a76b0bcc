"""Re-embedding with another model, for operators (features.md, S1-27)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_gateway.auth.caller import DEFAULT_TENANT, CallerDep, require_master
from mneme_gateway.errors import invalid_field
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.reembedding import ReembedIn, ReembedStatus
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing.scrubbing import scrubbed_text

router = APIRouter(prefix="/v1/admin/reembed", tags=["operators"], route_class=JsonRoute)


@router.get("", response_model=ReembedStatus, responses=errors(403))
async def reembed_status(caller: CallerDep, services: ServicesDep) -> Response:
    """Which index serves, which one is being filled and how far it is."""
    require_master(caller)
    return answer(await services.reembedding.status())


@router.post("", status_code=202, response_model=ReembedStatus, responses=errors(403, 409))
async def start_reembedding(body: ReembedIn, caller: CallerDep, services: ServicesDep) -> Response:
    """Begins to fill an index with another model, beside the one that serves; new writes reach both."""
    require_master(caller)
    choice = body.choice
    if scrubbed_text(choice.model, "model", await services.privacy.scrubber(DEFAULT_TENANT)) != choice.model:
        raise invalid_field("model", "must be the name of a model")
    return answer(await services.reembedding.start(choice), 202)


@router.post("/flip", response_model=ReembedStatus, responses=errors(403, 409))
async def flip_index(caller: CallerDep, services: ServicesDep) -> Response:
    """Searches use the new index from now on; the old one is dropped a minute later."""
    require_master(caller)
    return answer(await services.reembedding.flip())


@router.post("/cancel", response_model=ReembedStatus, responses=errors(403, 409))
async def cancel_reembedding(caller: CallerDep, services: ServicesDep) -> Response:
    """Gives the new index up; what has been filled of it is dropped."""
    require_master(caller)
    return answer(await services.reembedding.cancel())
