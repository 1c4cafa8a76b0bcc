"""The schemas in force when a batch is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mneme_common.adapters.postgres import Connection
from mneme_common.contracts.commands import ProposeMemories, ReviseMemory
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_common.domain.memory_schema import ActiveSchema, AnnotatedClass
from mneme_resolver.decide.classes import CLASSES
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.state import UserState

_ACTIVE = """
SELECT v.tenant_id, v.version, c.definition, c.annotation, c.since
FROM schema_versions v JOIN schema_classes c ON c.tenant_id = v.tenant_id AND c.version = v.version
WHERE v.tenant_id = ANY(%s) AND v.status = 'active' ORDER BY v.tenant_id, c.place
"""


async def with_schemas(connection: Connection, events: Sequence[ResolverEvent]) -> list[ResolverEvent]:
    """The events, each with its tenant's own classes; nothing is read when none may concern them."""
    tenants = sorted({event.tenant_id for event in events if _may_concern_own(event)})
    if not tenants:
        return list(events)
    cursor = await connection.execute(_ACTIVE, (tenants,))
    found: dict[str, tuple[int, list[AnnotatedClass]]] = {}
    for row in await cursor.fetchall():
        read = AnnotatedClass(definition=row["definition"], annotation=row["annotation"], since=row["since"])
        found.setdefault(row["tenant_id"], (row["version"], []))[1].append(read)
    schemas = {
        tenant: ActiveSchema(version=version, classes=tuple(classes)) for tenant, (version, classes) in found.items()
    }
    return [
        replace(event, schema=schemas.get(event.tenant_id)) if _may_concern_own(event) else event for event in events
    ]


def named_part(event: ResolverEvent, state: UserState) -> ActiveSchema | None:
    """What of the schema the decision rests on: the classes of what the event names; the state has applied it."""
    if event.schema is None:
        return None
    revised = event.data.memory_id if isinstance(event.data, ReviseMemory) else None
    known = state.live(revised) if revised is not None else None
    return event.schema.only([*_named(event), *([known.memory_class] if known is not None else [])])


def _may_concern_own(event: ResolverEvent) -> bool:
    return isinstance(event.data, ReviseMemory) or any(name not in CLASSES for name in _named(event))


def _named(event: ResolverEvent) -> list[str]:
    if isinstance(event.data, ProposeMemories):
        return [proposal.memory_class for proposal in event.data.proposals]
    return [event.data.memory_class] if isinstance(event.data, (StoreRecord, ApplySchema)) else []
