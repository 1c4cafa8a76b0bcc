"""What operators do to a whole tenant."""

from __future__ import annotations

from typing import Protocol

from mneme_gateway.auth.caller import DEFAULT_TENANT, Caller, require_master


class KnownTenants(Protocol):
    """Which tenants there are."""

    async def require(self, tenant_ids: set[str], /) -> None:
        """Returns when all of them exist; raises ApiError 404."""


async def operated_tenant(caller: Caller, tenants: KnownTenants, *named: str | None) -> str:
    """The first tenant that is named, else the default one; raises ApiError 403 for all but operators, and 404."""
    require_master(caller)
    chosen = next((name for name in named if name is not None), DEFAULT_TENANT)
    await tenants.require({chosen})
    return chosen
