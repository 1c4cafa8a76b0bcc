"""Commands and turns: read → apply (load, decide, store in one transaction) → emit what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.topics import Stage as StageName
from mneme_common.runtime.stage import Applied
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.reading import read_event
from mneme_resolver.ports import ChangeEncoder, EventStore


@dataclass(frozen=True, slots=True)
class ApplyEvents:
    """The resolver's stage."""

    store: EventStore
    encode: ChangeEncoder
    name: str = StageName.RESOLVER.value

    def decode(self, record: Record) -> ResolverEvent | None:
        """Every record on commands and turns is for the resolver."""
        return read_event(record)

    async def apply(self, events: Sequence[ResolverEvent]) -> Applied[ResolverEvent]:
        """Guarantees 2 to 4: exactly once, in each user's order, one transaction for the batch."""
        applied = await self.store.apply(events)
        return Applied(outgoing=[record for event, changes in applied for record in self.encode(event, changes)])

    async def mark_emitted(self, events: Sequence[ResolverEvent]) -> None:
        """What was emitted need not be emitted again after a crash."""
        await self.store.mark_emitted(events)
