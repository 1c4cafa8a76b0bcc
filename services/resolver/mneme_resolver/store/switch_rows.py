"""Kill switches in PostgreSQL: read at most once a second, thrown when updates keep being taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mneme_common.adapters.postgres import Connection, Database
from mneme_resolver.decide.switches import SpikeLimits, Switches
from mneme_resolver.ports import Clock

_FRESH = timedelta(seconds=1)
_DAY = timedelta(days=1)

_READ = """
SELECT tenant_id, array_agg(memory_class) AS classes, max(version) AS version FROM kill_switches
WHERE create_only GROUP BY tenant_id
"""
# What was taken back before an operator allowed updates again counts no more.
_COUNT = """
SELECT c.updated, c.false_updates
FROM (SELECT max(changed_at) AS allowed_at FROM kill_switches
      WHERE tenant_id = %(tenant)s AND memory_class IN (%(class)s, '*') AND NOT create_only) AS s,
    update_counts(%(tenant)s, greatest(%(since)s, s.allowed_at)) AS c
WHERE c.memory_class = %(class)s
"""
_THROW = """
INSERT INTO kill_switches AS k (tenant_id, memory_class, create_only, automatic, reason)
VALUES (%s, %s, true, true, %s)
ON CONFLICT (tenant_id, memory_class) DO UPDATE SET create_only = true, automatic = true, reason = excluded.reason,
    version = nextval('kill_switch_versions'), changed_at = now()
WHERE NOT k.create_only
"""


@dataclass(slots=True)
class KillSwitchRows:
    """One for the life of the process."""

    database: Database
    clock: Clock
    limits: SpikeLimits = field(default_factory=SpikeLimits)
    _known: Mapping[str, Switches] = field(default_factory=dict)
    _fresh_until: datetime | None = None

    async def current(self) -> Mapping[str, Switches]:
        """The switches that are on, by tenant; a second old at most."""
        now = self.clock()
        if self._fresh_until is None or now >= self._fresh_until:
            async with self.database.transaction(operator=True) as connection:
                rows = await (await connection.execute(_READ)).fetchall()
            self._known = {row["tenant_id"]: Switches(frozenset(row["classes"]), row["version"]) for row in rows}
            self._fresh_until = now + _FRESH
        return self._known

    async def watch(self, connection: Connection, taken_back: Iterable[tuple[str, str]]) -> None:
        """Throws the switch of those classes whose updates were taken back too often within a day."""
        for tenant_id, memory_class in sorted(taken_back):
            asked = {"tenant": tenant_id, "class": memory_class, "since": self.clock() - _DAY}
            row = await (await connection.execute(_COUNT, asked)).fetchone()
            if row is not None and self.limits.exceeded(row["updated"], row["false_updates"]):
                reason = f"{row['false_updates']} of {row['updated']} updates were taken back within a day"
                await connection.execute(_THROW, (tenant_id, memory_class, reason))
                self._fresh_until = None
