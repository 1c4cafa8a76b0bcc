"""The caller of a request, and whose memory the request is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from mneme_common.contracts.envelope import valid_tenant_id, valid_user_id
from mneme_gateway.errors import ApiError, invalid_field

DEFAULT_TENANT = "default"
DEFAULT_USER = "default"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credential it is. ``is_master`` may act for others: the master key, or anybody where none is needed."""

    tenant_id: str
    user_id: str
    is_master: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The one user whose memory a request reads or writes; both parts are valid ids."""

    tenant_id: str
    user_id: str


async def caller(request: Request) -> Caller:
    """The dependency that every endpoint but health asks for; raises 401."""
    found: Caller = await request.app.state.services.authenticator.identify(request.headers)
    return found


CallerDep = Annotated[Caller, Depends(caller)]


def scope_of(caller: Caller, tenant_id: str | None = None, user_id: str | None = None) -> Scope:
    """Absent names are the credential's; others are 403, unless the caller may act for others (Part 4, item 12)."""
    scope = Scope(tenant_id or caller.tenant_id, user_id or caller.user_id)
    if not valid_tenant_id(scope.tenant_id):
        raise invalid_field("tenant_id", "must have 1 to 64 of the characters A-Z a-z 0-9 _ . -")
    if not valid_user_id(scope.user_id):
        raise invalid_field("user_id", "must have 1 to 255 of the characters A-Z a-z 0-9 _ . @ -")
    own = (caller.tenant_id, caller.user_id)
    if not caller.is_master and (scope.tenant_id, scope.user_id) != own:
        raise ApiError(403, "FORBIDDEN", "This credential belongs to another tenant or user.")
    return scope


def require_master(caller: Caller) -> None:
    """Raises 403 unless the caller may do what operators do (S4-52)."""
    if not caller.is_master:
        raise ApiError(403, "FORBIDDEN", "Master key required")
