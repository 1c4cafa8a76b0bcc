"""The classes that tenants have defined, as their active schemas have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mneme_common.adapters.postgres import Connection
from mneme_common.domain.memory_schema import ActiveSchema, AnnotatedClass

_ACTIVE = """
SELECT v.tenant_id, v.version, c.definition, c.annotation, c.since
FROM schema_versions v JOIN schema_classes c ON c.tenant_id = v.tenant_id AND c.version = v.version
WHERE v.tenant_id = ANY(%s) AND v.status = 'active' ORDER BY v.tenant_id, c.place
"""


async def active_schemas(connection: Connection, tenants: Sequence[str]) -> Mapping[str, ActiveSchema]:
    """Those of the tenants that have one; one statement."""
    cursor = await connection.execute(_ACTIVE, (list(tenants),))
    found: dict[str, tuple[int, list[AnnotatedClass]]] = {}
    for row in await cursor.fetchall():
        read = AnnotatedClass(definition=row["definition"], annotation=row["annotation"], since=row["since"])
        found.setdefault(row["tenant_id"], (row["version"], []))[1].append(read)
    return {
        tenant: ActiveSchema(version=version, classes=tuple(classes)) for tenant, (version, classes) in found.items()
    }
