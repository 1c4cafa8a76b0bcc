"""Feedback on what was found: it moves records up or down, within bounds, for the user who gave it (S4-43, S4-44)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from mneme_common.domain.vectors import RecordKind
from mneme_gateway.auth.caller import CallerDep, scope_of
from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import PathId, ScopeDep, record_uuid
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.feedback import FeedbackByTier, FeedbackIn, FeedbackStats, MemoryFeedback, MessageFeedback
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["feedback"], route_class=JsonRoute)


@router.post(
    "/memories/{memory_id}/feedback", status_code=201, response_model=MemoryFeedback, responses=errors(400, 403, 404)
)
async def give_memory_feedback(
    memory_id: PathId, body: FeedbackIn, caller: CallerDep, services: ServicesDep
) -> Response:
    """Says what this version of a memory was worth; it counts from the next search on."""
    scope, record_id = scope_of(caller, body.tenant_id, body.user_id), record_uuid(memory_id)
    feedback_id = await services.feedback.give(scope, RecordKind.MEMORY, record_id, body)
    return answer(MemoryFeedback(feedback_id=feedback_id, memory_id=record_id.hex, signal=body.signal), 201)


@router.post(
    "/messages/{message_id}/feedback", status_code=201, response_model=MessageFeedback, responses=errors(400, 403, 404)
)
async def give_message_feedback(
    message_id: PathId, body: FeedbackIn, caller: CallerDep, services: ServicesDep
) -> Response:
    """Says what a message as it reads now was worth; it counts from the next search on."""
    scope, record_id = scope_of(caller, body.tenant_id, body.user_id), record_uuid(message_id)
    feedback_id = await services.feedback.give(scope, RecordKind.MESSAGE, record_id, body)
    return answer(MessageFeedback(feedback_id=feedback_id, message_id=str(record_id), signal=body.signal), 201)


@router.get("/feedback/stats", response_model=FeedbackStats, responses=errors(403))
async def get_feedback_stats(scope: ScopeDep, services: ServicesDep) -> Response:
    """How often the user gave each signal."""
    return answer(await services.feedback.stats(scope))


@router.get("/feedback/by-tier", response_model=FeedbackByTier, responses=errors(403))
async def get_feedback_by_tier(scope: ScopeDep, services: ServicesDep) -> Response:
    """The same by the trust tier of the memories."""
    return answer(await services.feedback.by_tier(scope))
