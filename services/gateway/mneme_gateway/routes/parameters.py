"""Parameters of paths and queries that several routes share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from mneme_common.domain.limits import CONVERSATION_ID_MAX, NAME_PATTERN
from mneme_gateway.auth.caller import CallerDep, Scope, scope_of
from mneme_gateway.errors import ApiError
from mneme_gateway.reading.moments import Past
from mneme_gateway.schemas.parts import TenantId, UserId
from mneme_gateway.schemas.search import AsOf
from mneme_gateway.services import ServicesDep

PathId = Annotated[str, Path(description="A UUID, with or without hyphens.", min_length=1, max_length=64)]
ConversationPath = Annotated[str, Path(max_length=CONVERSATION_ID_MAX, pattern=NAME_PATTERN)]


async def scope_of_query(
    caller: CallerDep,
    tenant_id: Annotated[TenantId | None, Query(description="Absent: the credential's tenant.")] = None,
    user_id: Annotated[UserId | None, Query(description="Absent: the credential's user.")] = None,
) -> Scope:
    """Whose memory the query is about."""
    return scope_of(caller, tenant_id, user_id)


ScopeDep = Annotated[Scope, Depends(scope_of_query)]


async def past_of_query(
    scope: ScopeDep,
    services: ServicesDep,
    as_of: Annotated[
        AsOf | None,
        Query(description="What was known then: a ledger position, or a time in RFC 3339. Absent: what is known now."),
    ] = None,
) -> Past | None:
    """The past that the query asks about; raises ApiError 422 for a position that is yet to come."""
    return None if as_of is None else await services.moments.past(scope, as_of)


PastDep = Annotated[Past | None, Depends(past_of_query)]


def position_header(past: Past | None) -> dict[str, str]:
    """The ledger position that an answer about the past shows."""
    return {} if past is None else {"Mneme-Position": str(past.position)}


def record_uuid(text: str, where: str = "path") -> UUID:
    """The id in a path or a cursor, with hyphens or without; raises ApiError 400 when it is none (C10)."""
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(400, "BAD_ID", f"The id in the {where} is not a UUID.") from None
