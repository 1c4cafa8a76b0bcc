"""How a tenant's searches are done unless a request says otherwise: kept with the tenant, known for a few seconds."""

from __future__ import annotations

import time

from psycopg.types.json import Jsonb

from mneme_gateway.errors import invalid_field
from mneme_gateway.ports import Database
from mneme_gateway.schemas.search_policy import SearchPolicyIn, SearchPolicyOut

_TRUST_SECONDS = 5.0
_KNOWN_MAX = 10_000


class SearchPolicies:
    """``available`` says whether there is a second stage; without one nothing is read."""

    def __init__(self, database: Database, *, available: bool) -> None:
        self._database = database
        self._available = available
        self._known: dict[str, tuple[bool, float]] = {}

    async def reranks(self, tenant_id: str, asked: bool | None) -> bool:
        """Whether a search has a second stage; raises ApiError 422 when it asks for one that there is not."""
        if asked is not None:
            if asked and not self._available:
                raise invalid_field("rerank", "this server has no second stage: set MNEME_RERANKER")
            return asked
        if not self._available:
            return False
        rerank, until = self._known.get(tenant_id, (False, 0.0))
        if time.monotonic() >= until:
            rerank = (await self.get(tenant_id)).rerank
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[tenant_id] = rerank, time.monotonic() + _TRUST_SECONDS
        return rerank

    async def get(self, tenant_id: str) -> SearchPolicyOut:
        """The tenant's policy; without a second stage unless it was set."""
        async with self._database.transaction([tenant_id]) as connection:
            cursor = await connection.execute(
                "SELECT settings -> 'rerank' = 'true' AS rerank FROM tenants WHERE tenant_id = %s", (tenant_id,)
            )
            row = await cursor.fetchone()
        return SearchPolicyOut(tenant_id=tenant_id, rerank=bool(row and row["rerank"]), available=self._available)

    async def change(self, tenant_id: str, change: SearchPolicyIn) -> SearchPolicyOut:
        """Changes what is named; other gateways follow within seconds."""
        if change.rerank is not None:
            async with self._database.transaction([tenant_id]) as connection:
                await connection.execute(
                    "UPDATE tenants SET settings = settings || %s WHERE tenant_id = %s",
                    (Jsonb({"rerank": change.rerank}), tenant_id),
                )
            self._known.pop(tenant_id, None)
        return await self.get(tenant_id)
