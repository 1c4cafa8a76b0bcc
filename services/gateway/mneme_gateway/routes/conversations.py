"""Conversations: list them, read one back (features.md, S2-18)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from mneme_gateway.routes.answers import answer
from mneme_gateway.routes.json_route import JsonRoute
from mneme_gateway.routes.parameters import ConversationPath, PastDep, ScopeDep, position_header
from mneme_gateway.routes.responses import errors
from mneme_gateway.schemas.conversations import ConversationOut, ConversationPage
from mneme_gateway.schemas.messages import Cursor, MessagePage
from mneme_gateway.services import ServicesDep

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=JsonRoute)

_PAGE_MAX = 1_000_000


@router.get("", response_model=ConversationPage, responses=errors(403))
async def list_conversations(
    scope: ScopeDep,
    services: ServicesDep,
    past: PastDep,
    archived: bool | None = None,
    page: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """The user's conversations, the one with the latest message first."""
    found = await services.conversations.page(scope, archived=archived, page=page, page_size=page_size, past=past)
    return answer(found, 200, position_header(past))


@router.get("/{conversation_id}", response_model=ConversationOut, responses=errors(400, 403, 404))
async def get_conversation(
    conversation_id: ConversationPath, scope: ScopeDep, services: ServicesDep, past: PastDep
) -> Response:
    """One conversation."""
    return answer(await services.conversations.get(scope, conversation_id, past), 200, position_header(past))


@router.get("/{conversation_id}/messages", response_model=MessagePage, responses=errors(400, 403, 404))
async def read_conversation(
    conversation_id: ConversationPath,
    scope: ScopeDep,
    services: ServicesDep,
    past: PastDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Cursor | None = None,
    order: Annotated[Literal["asc", "desc"], Query(description="`asc`: the oldest first.")] = "asc",
) -> Response:
    """What was said in it, in order."""
    page = await services.messages.of_conversation(
        scope, conversation_id, limit=limit, cursor=cursor, newest_first=order == "desc", past=past
    )
    return answer(page, 200, position_header(past))
