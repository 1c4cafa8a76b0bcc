"""The schemas in force when a batch is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mneme_common.adapters.postgres import Connection
from mneme_common.adapters.schema_rows import active_schemas
from mneme_common.contracts.commands import ProposeMemories, ReviseMemory
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_common.domain.memory_schema import ActiveSchema
from mneme_resolver.decide.classes import CLASSES
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.state import UserState


async def with_schemas(connection: Connection, events: Sequence[ResolverEvent]) -> list[ResolverEvent]:
    """The events, each with its tenant's own classes; nothing is read when none may concern them."""
    tenants = sorted({event.tenant_id for event in events if _may_concern_own(event)})
    if not tenants:
        return list(events)
    schemas = await active_schemas(connection, tenants)
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
