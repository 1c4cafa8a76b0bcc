"""Changes as records: typed, traced, with an id that is a function of what changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mneme_common.contracts.changes import CHANGE_TYPES, Change
from mneme_common.contracts.codec import encode
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import CHANGES
from mneme_common.domain.identifiers import digest
from mneme_common.telemetry.tracing import continue_trace
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.ports import Clock

_SOURCE = "mneme/resolver"
_TYPE_OF = {model: name for name, model in CHANGE_TYPES.items()}


class ChangesOfEvents:
    """Encodes the changes of an event; a change that is emitted twice has the same id both times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, event: ResolverEvent, changes: Sequence[Change]) -> list[OutgoingRecord]:
        """One record a change."""
        return [self._encode(event, index, change) for index, change in enumerate(changes)]

    def _encode(self, event: ResolverEvent, index: int, change: Change) -> OutgoingRecord:
        change_type = _TYPE_OF[type(change)]
        attributes = Attributes(
            id=UUID(bytes=digest("change", event.event_id.bytes, change_type, str(index))[:16]).hex,
            type=change_type,
            source=_SOURCE,
            time=self._clock(),
            traceparent=continue_trace(event.traceparent),
        )
        return encode(CHANGES, event.tenant_id, event.user_id, attributes, change)
