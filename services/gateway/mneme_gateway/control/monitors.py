"""Monitors and the kill switch: counts of what was decided lately, and a setting that the resolver obeys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from mneme_common.domain.metadata import JsonValue
from mneme_gateway.auth.caller import Caller
from mneme_gateway.control.audit import note
from mneme_gateway.ports import Connection, Database
from mneme_gateway.schemas.monitors import (
    ClassMonitor,
    IndexSize,
    KillSwitchIn,
    KillSwitchOut,
    Monitors,
    SearchMonitor,
)

Searches = Callable[[], tuple[int, int]]
"""Searches of this process so far, and those of them that found nothing."""

_SWITCHES = """
SELECT tenant_id, memory_class, create_only, automatic, reason, version, changed_at FROM kill_switches
WHERE tenant_id = %(tenant)s ORDER BY memory_class
"""
_SET = """
INSERT INTO kill_switches AS k (tenant_id, memory_class, create_only, automatic, reason)
VALUES (%(tenant)s, %(class)s, %(create_only)s, false, %(reason)s)
ON CONFLICT (tenant_id, memory_class) DO UPDATE SET create_only = excluded.create_only, automatic = false,
    reason = excluded.reason, version = nextval('kill_switch_versions'), changed_at = now()
RETURNING tenant_id, memory_class, create_only, automatic, reason, version, changed_at
"""
_COUNTS = "SELECT * FROM update_counts(%(tenant)s, %(since)s) ORDER BY memory_class"
# Candidates are in the decision, best first; the ledger row is looked up by its key.
_NEAR_MISSES = """
WITH made AS MATERIALIZED (
    SELECT m.memory_class, m.event_id FROM memories AS m
    WHERE m.memory_id >= rpad(lpad(to_hex(floor(extract(epoch FROM %(since)s::timestamptz) * 1000)::bigint), 12, '0'),
            32, '0')::uuid
        AND m.tenant_id || '' = %(tenant)s AND m.created_at >= %(since)s AND m.op = 'create'
        AND m.source LIKE 'extractor/%%'
)
SELECT made.memory_class, count(*) AS near_misses
FROM made CROSS JOIN LATERAL (SELECT * FROM ledger AS l WHERE l.event_id = made.event_id OFFSET 0) AS l
WHERE l.tenant_id = %(tenant)s AND l.decision @> '{"actions": [{"action": "create", "rule": "another_identity"}]}'
GROUP BY made.memory_class
"""
_SIZE = """
SELECT (SELECT count(*) FROM messages WHERE tenant_id = %(tenant)s AND to_seq IS NULL) AS messages,
    (SELECT count(*) FROM memories WHERE tenant_id = %(tenant)s AND to_seq IS NULL AND NOT tombstone) AS memories,
    (SELECT count(*) FROM indexed WHERE tenant_id = %(tenant)s AND to_seq IS NULL) AS vectors,
    (SELECT sum(pg_total_relation_size(name::regclass))::bigint
        FROM unnest(ARRAY['messages', 'memories', 'vectors', 'indexed']) AS name) AS bytes_on_disk
"""


class MonitorDesk:
    """Reads the monitors of a tenant and sets its kill switches."""

    def __init__(self, database: Database, searches: Searches) -> None:
        self._database = database
        self._searches = searches

    async def read(self, tenant_id: str, hours: int) -> Monitors:
        """Over the last hours."""
        since = datetime.now(UTC) - timedelta(hours=hours)
        asked = {"tenant": tenant_id, "since": since}
        async with self._database.transaction([tenant_id]) as connection:
            counts = await _all(connection, _COUNTS, asked)
            near = {row["memory_class"]: row["near_misses"] for row in await _all(connection, _NEAR_MISSES, asked)}
            (size,) = await _all(connection, _SIZE, asked)
            switches = await _all(connection, _SWITCHES, asked)
        return Monitors(
            tenant_id=tenant_id,
            since=since,
            classes=[_class(row, near.get(row["memory_class"], 0)) for row in counts],
            search=_search(*self._searches()),
            index=IndexSize(**size),
            kill_switches=[KillSwitchOut(**row) for row in switches],
        )

    async def switch(self, tenant_id: str, wanted: KillSwitchIn, caller: Caller) -> KillSwitchOut:
        """Sets a switch; resolvers obey within a second."""
        asked = {
            "tenant": tenant_id,
            "class": wanted.memory_class,
            "create_only": wanted.create_only,
            "reason": wanted.reason,
        }
        async with self._database.transaction([tenant_id]) as connection:
            (row,) = await _all(connection, _SET, asked)
            meta: dict[str, JsonValue] = {"memory_class": wanted.memory_class, "create_only": wanted.create_only}
            await note(connection, caller, tenant_id, "KILL_SWITCH_CHANGED", meta)
        return KillSwitchOut(**row)


async def _all(connection: Connection, statement: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = await connection.execute(statement.encode(), asked)
    return await cursor.fetchall()


def _class(row: dict[str, Any], near_misses: int) -> ClassMonitor:
    return ClassMonitor(
        **row,
        near_misses=near_misses,
        false_update_rate=_share(row["false_updates"], row["updated"]),
        near_miss_rate=_share(near_misses, row["created"]),
    )


def _search(searches: int, without_hits: int) -> SearchMonitor:
    return SearchMonitor(searches=searches, without_hits=without_hits, zero_hit_rate=_share(without_hits, searches))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
