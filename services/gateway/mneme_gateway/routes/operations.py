"""Operations: what became of a write that was answered with 202."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import ScopeDep
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.operations import OperationOut
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/operations", tags=["operations"], route_class=JsonRoute)


@router.get("/{operation_id}", response_model=OperationOut, responses=errors(403, 404))
async def get_operation(
    operation_id: Annotated[str, Path(max_length=64)], scope: ScopeDep, services: ServicesDep
) -> Response:
    """The state of a write: pending, applied, refused or buried."""
    return answer(await services.operation_reader.get(scope, operation_id))
