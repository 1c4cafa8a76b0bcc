"""Dead letters: for operators."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from mneme_gateway.auth.caller import CallerDep, require_master
from mneme_gateway.errors import invalid_field
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, record_uuid
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.operator import DeadLetterDetail, DeadLetters, Redrive, Redriven
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/admin/dead-letters", tags=["operators"], route_class=JsonRoute)


@router.get("", response_model=DeadLetters, responses=errors(403))
async def list_dead_letters(
    caller: CallerDep,
    services: ServicesDep,
    stage: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[Literal["open", "all"], Query()] = "open",
    cursor: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """What was buried, newest first, with reason and place."""
    require_master(caller)
    page = await services.dead_letters.page(stage=stage, every=state == "all", after=cursor, limit=limit)
    return answer(page)


@router.post("/redrive", status_code=202, response_model=Redriven, responses=errors(403, 404))
async def redrive_dead_letters(body: Redrive, caller: CallerDep, services: ServicesDep) -> Response:
    """Sends records again once their cause is fixed: those named, or a stage's open ones (500 at a time)."""
    require_master(caller)
    if not body.letter_ids and body.stage is None:
        raise invalid_field("letter_ids", "name letters, or a stage")
    return answer(Redriven(redriven=await services.dead_letters.redrive(body.letter_ids, body.stage)), 202)


@router.get("/{letter_id}", response_model=DeadLetterDetail, responses=errors(403, 404))
async def get_dead_letter(letter_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """One letter with its original bytes and headers."""
    require_master(caller)
    return answer(await services.dead_letters.get(record_uuid(letter_id)))


@router.post("/{letter_id}/redrive", status_code=202, response_model=Redriven, responses=errors(403, 404))
async def redrive_dead_letter(letter_id: PathId, caller: CallerDep, services: ServicesDep) -> Response:
    """Sends one record again."""
    require_master(caller)
    return answer(Redriven(redriven=await services.dead_letters.redrive([record_uuid(letter_id)], None)), 202)
