"""``message.recorded``, ``message.changed``, ``memory.changed``: the vectors follow, ``memory.indexed`` says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mneme_common.contracts.codec import encode
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import CHANGES
from mneme_common.contracts.topics import Stage as StageName
from mneme_common.runtime.stage import Applied
from mneme_common.telemetry.tracing import continue_trace
from mneme_embedder.decide.announcing import Announcement, announcements
from mneme_embedder.decide.reading import read_change
from mneme_embedder.decide.targets import IndexableEvent, targets_of
from mneme_embedder.ports import Clock, Indexer

_SOURCE = "mneme/embedder"


@dataclass(frozen=True, slots=True)
class IndexRecords:
    """The embedder's stage."""

    indexing: Indexer
    clock: Clock
    name: str = StageName.EMBEDDER.value

    def decode(self, record: Record) -> IndexableEvent | None:
        """Other changes, our own announcements among them, are for others."""
        return read_change(record)

    async def apply(self, events: Sequence[IndexableEvent]) -> Applied[IndexableEvent]:
        """One call of the model and one statement a table for the batch."""
        indexed = await self.indexing.bring_up_to_date(targets_of(events))
        return Applied(outgoing=[self._encode(item) for item in announcements(self.indexing.model, indexed)])

    async def mark_emitted(self, events: Sequence[IndexableEvent]) -> None:
        """Nothing to remember: an announcement is a hint, and a redelivered change makes it again."""

    def _encode(self, item: Announcement) -> OutgoingRecord:
        attributes = Attributes(
            id=item.event_id.hex,
            type="memory.indexed",
            source=_SOURCE,
            time=self.clock(),
            traceparent=continue_trace(item.traceparent),
        )
        return encode(CHANGES, item.tenant_id, item.user_id, attributes, item.data)
