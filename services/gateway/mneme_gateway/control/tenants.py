"""Tenants: made on first use where nobody needs a key, otherwise only with a key of theirs."""

from __future__ import annotations

from collections.abc import Iterable

from mneme_gateway.auth.caller import DEFAULT_TENANT
from mneme_gateway.errors import not_found
from mneme_gateway.ports import Database


class Tenants:
    """Which tenants exist; remembered, since a tenant is never removed."""

    def __init__(self, database: Database, *, made_on_first_use: bool) -> None:
        self._database = database
        self._made_on_first_use = made_on_first_use
        self._known: set[str] = set()

    async def require(self, tenant_ids: Iterable[str]) -> None:
        """Returns when all of them exist, making them where that is the rule; raises ApiError 404.

        The default tenant is everywhere: the master key writes to it unless told otherwise.
        """
        unknown = sorted(set(tenant_ids) - self._known)
        if not unknown:
            return
        if self._made_on_first_use or unknown == [DEFAULT_TENANT]:
            await self.make(unknown)
            return
        async with self._database.transaction(unknown) as connection:
            cursor = await connection.execute("SELECT tenant_id FROM tenants WHERE tenant_id = ANY(%s)", (unknown,))
            self._known.update(row["tenant_id"] for row in await cursor.fetchall())
        if not self._known.issuperset(unknown):
            raise not_found("Tenant")

    async def make(self, tenant_ids: Iterable[str]) -> None:
        """Makes the tenants that do not exist."""
        wanted = sorted(set(tenant_ids))
        async with self._database.transaction(wanted) as connection:
            await connection.execute(
                "INSERT INTO tenants (tenant_id, name) SELECT t, t FROM unnest(%s::text[]) AS t ON CONFLICT DO NOTHING",
                (wanted,),
            )
        self._known.update(wanted)
