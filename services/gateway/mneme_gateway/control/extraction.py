"""A tenant's extraction: its token budget is a setting of the tenant, the rest is read."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.audit import note
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.extraction import ExtractionPolicyIn, ExtractionPolicyOut, WaitingMessages

# Days are UTC's, and so is the time zone of every connection.
_SPENT = """
SELECT coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE day = current_date), 0)::bigint AS today,
    coalesce(sum(prompt_tokens + completion_tokens), 0)::bigint AS month, coalesce(sum(requests), 0)::bigint AS requests
FROM model_usage WHERE tenant_id = %(tenant)s AND day BETWEEN date_trunc('month', current_date) AND current_date
"""
_CHANGE = """
UPDATE tenants SET settings = settings || jsonb_build_object(
    'extraction', jsonb_strip_nulls(coalesce(settings -> 'extraction', '{}') || %(change)s))
WHERE tenant_id = %(tenant)s
"""


class ExtractionDesk:
    """Reads and changes the budget."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def policy(self, tenant_id: str) -> ExtractionPolicyOut:
        """The budget as it is, with what was spent and what waits."""
        async with self._database.transaction([tenant_id]) as connection:
            return await _read(connection, tenant_id)

    async def change(self, tenant_id: str, change: ExtractionPolicyIn, caller: Caller) -> ExtractionPolicyOut:
        """Changes what is named; the next message is read under it."""
        given = change.model_dump(exclude_unset=True, exclude={"tenant_id"})
        async with self._database.transaction([tenant_id]) as connection:
            await connection.execute(_CHANGE, {"tenant": tenant_id, "change": Jsonb(given)})
            await note(connection, caller, tenant_id, "EXTRACTION_POLICY_CHANGED", given)
            return await _read(connection, tenant_id)


async def _read(connection: Connection, tenant_id: str) -> ExtractionPolicyOut:
    asked = {"tenant": tenant_id}
    settings = await _one(connection, "SELECT settings FROM tenants WHERE tenant_id = %(tenant)s", asked)
    spent = await _one(connection, _SPENT, asked)
    cursor = await connection.execute(
        "SELECT reason, count(*) AS messages FROM postponed_extractions WHERE tenant_id = %(tenant)s GROUP BY reason",
        asked,
    )
    waiting = {row["reason"]: row["messages"] for row in await cursor.fetchall()}
    return ExtractionPolicyOut(
        tenant_id=tenant_id,
        **(settings.get("settings") or {}).get("extraction", {}),
        spent_today=spent["today"],
        spent_this_month=spent["month"],
        requests_this_month=spent["requests"],
        waiting=WaitingMessages(**waiting),
    )


async def _one(connection: Connection, statement: str, asked: dict[str, str]) -> dict[str, Any]:
    row = await (await connection.execute(statement.encode(), asked)).fetchone()
    return dict(row) if row is not None else {}
