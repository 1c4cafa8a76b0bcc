"""The schemas of tenants, each asked of PostgreSQL every few seconds at most."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.schema_rows import active_schemas
from mneme_common.domain.memory_schema import ActiveSchema

_FRESH_SECONDS = 1.0
_MOST_KEPT = 1_000


@dataclass(slots=True)
class SchemaRows:
    """The port Schemas on PostgreSQL; ``monotonic`` is a clock in seconds."""

    database: Database
    monotonic: Callable[[], float]
    _known: OrderedDict[str, tuple[float, ActiveSchema | None]] = field(default_factory=OrderedDict)

    async def active(self, tenant_id: str) -> ActiveSchema | None:
        """See Schemas; a second old at most. The resolver decides by the schema of its own moment."""
        until, schema = self._known.get(tenant_id, (float("-inf"), None))
        if self.monotonic() < until:
            return schema
        async with self.database.transaction([tenant_id]) as connection:
            schema = (await active_schemas(connection, [tenant_id])).get(tenant_id)
        self._known[tenant_id] = (self.monotonic() + _FRESH_SECONDS, schema)
        self._known.move_to_end(tenant_id)
        if len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return schema
