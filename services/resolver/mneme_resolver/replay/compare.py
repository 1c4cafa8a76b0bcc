"""Replayed rows against stored ones, byte for byte: digests of whole rows as PostgreSQL writes them."""

from __future__ import annotations

from mneme_common.adapters.postgres import Connection
from mneme_resolver.decide.report import Difference
from mneme_resolver.replay.empty_tables import RECORD_TABLES

_IDS = {
    "messages": "r.message_id::text || '/' || r.revision",
    "memories": "r.memory_id::text",
    "extractions": "r.source_event_id::text || '/' || r.schema_version || '/' || r.run",
}
_MOST = 1_000


async def differences(connection: Connection, tenant_id: str, user_id: str) -> list[Difference]:
    """The rows of one user that differ, a thousand of a table at most."""
    found: list[Difference] = []
    for table in RECORD_TABLES:
        cursor = await connection.execute(
            f"SELECT coalesce(replayed.id, stored.id) AS id, CASE WHEN stored.id IS NULL THEN 'missing'"
            f" WHEN replayed.id IS NULL THEN 'unexpected' ELSE 'different' END AS difference"
            f" FROM ({_digests('pg_temp', table)}) AS replayed FULL JOIN ({_digests('public', table)}) AS stored"
            f" ON replayed.id = stored.id WHERE replayed.digest IS DISTINCT FROM stored.digest"
            f" ORDER BY 1 LIMIT {_MOST}".encode(),
            {"tenant": tenant_id, "user": user_id},
        )
        found += [
            Difference(tenant_id, user_id, table, row["id"], row["difference"]) for row in await cursor.fetchall()
        ]
    return found


async def rows_of(connection: Connection, tenant_id: str, user_id: str) -> int:
    """How many rows were replayed for the user."""
    total = 0
    for table in RECORD_TABLES:
        cursor = await connection.execute(
            f"SELECT count(*) AS rows FROM pg_temp.{table} WHERE tenant_id = %s AND user_id = %s".encode(),
            (tenant_id, user_id),
        )
        row = await cursor.fetchone()
        total += row["rows"] if row is not None else 0
    return total


async def ownerless(connection: Connection, tenant_id: str) -> list[Difference]:
    """Rows of users who have no ledger at all."""
    found: list[Difference] = []
    for table in RECORD_TABLES:
        cursor = await connection.execute(
            f"SELECT r.user_id, {_IDS[table]} AS id FROM public.{table} AS r WHERE r.tenant_id = %s AND NOT EXISTS ("
            f"SELECT 1 FROM heads AS h WHERE h.tenant_id = r.tenant_id AND h.user_id = r.user_id)"
            f" ORDER BY 1, 2 LIMIT {_MOST}".encode(),
            (tenant_id,),
        )
        found += [
            Difference(tenant_id, row["user_id"], table, row["id"], "unexpected") for row in await cursor.fetchall()
        ]
    return found


def _digests(schema: str, table: str) -> str:
    return (
        f"SELECT {_IDS[table]} AS id, sha256(convert_to(r::text, 'UTF8')) AS digest FROM {schema}.{table} AS r"
        " WHERE r.tenant_id = %(tenant)s AND r.user_id = %(user)s"
    )
