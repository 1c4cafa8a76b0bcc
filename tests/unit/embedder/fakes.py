"""The embedder's ports in memory, and the changes that the tests deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.contracts.changes import MemoryChanged, MessageChanged, MessageRecorded
from mneme_common.contracts.codec import Event
from mneme_common.contracts.envelope import Attributes
from mneme_common.domain.vectors import Closing, Point, RecordKind, Vector
from mneme_embedder.decide.plan import RecordState
from mneme_embedder.decide.targets import IndexableChange, IndexableEvent, Target
from mneme_embedder.ports import TextKey

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TRACE = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"

RowKey = tuple[str, str, RecordKind, UUID, int]


@dataclass(slots=True)
class RecordsInMemory:
    """Rows by version, and what is marked as indexed."""

    rows: dict[RowKey, RecordState] = field(default_factory=dict)
    marks: dict[tuple[str, UUID, str], tuple[str, int | None]] = field(default_factory=dict)

    def put(self, target: Target, from_seq: int, to_seq: int | None = None) -> None:
        """Writes the row of a version."""
        self.rows[_row(target)] = RecordState(from_seq, to_seq)

    def erase(self, target: Target) -> None:
        """Deletes the row of a version."""
        self.rows.pop(_row(target), None)

    async def states(self, targets: Sequence[Target], model: str) -> Sequence[RecordState | None]:
        """See Records."""
        return [self._state(target, model) for target in targets]

    def _state(self, target: Target, model: str) -> RecordState | None:
        state = self.rows.get(_row(target))
        mark = self.marks.get((target.tenant_id, target.point_id, model), (None, None))
        return state and replace(state, indexed_hash=mark[0], indexed_to_seq=mark[1])

    async def mark(self, points: Sequence[tuple[Target, Point]], closings: Sequence[Closing]) -> Sequence[Target]:
        """See Records."""
        vanished = []
        for target, point in points:
            if _row(target) in self.rows:
                self.marks[target.tenant_id, target.point_id, point.key.model] = (point.content_hash, point.to_seq)
            else:
                vanished.append(target)
        for closing in closings:
            key = closing.key.tenant_id, closing.key.point_id, closing.key.model
            if key in self.marks and self.marks[key][1] is None:
                self.marks[key] = (self.marks[key][0], closing.to_seq)
        return vanished

    async def forget(self, targets: Sequence[Target], model: str) -> None:
        """See Records."""
        for target in targets:
            self.marks.pop((target.tenant_id, target.point_id, model), None)


@dataclass(slots=True)
class CacheInMemory:
    """Vectors by model, tenant and hash."""

    vectors: dict[tuple[str, TextKey], Vector] = field(default_factory=dict)

    async def find(self, keys: Sequence[TextKey], model: str) -> Mapping[TextKey, Vector]:
        """See EmbeddingCache."""
        return {key: self.vectors[model, key] for key in keys if (model, key) in self.vectors}

    async def keep(self, vectors: Mapping[TextKey, Vector], model: str) -> None:
        """See EmbeddingCache."""
        for key, vector in vectors.items():
            self.vectors.setdefault((model, key), vector)


def recorded(
    message_id: UUID,
    content: str,
    *,
    revision: int = 1,
    position: int = 1,
    name: str | None = None,
    tenant_id: str = "acme",
    user_id: str = "ada",
) -> IndexableEvent:
    """A ``message.recorded``."""
    data = MessageRecorded(
        message_id=message_id,
        revision=revision,
        event_id=message_id,
        conversation_id="c",
        role="user",
        name=name,
        content=content,
        occurred_at=NOW,
        position=position,
    )
    return event_of(data, "message.recorded", tenant_id, user_id)


def changed(
    message_id: UUID, change: str, *, revision: int = 1, position: int, tenant_id: str = "acme", user_id: str = "ada"
) -> IndexableEvent:
    """A ``message.changed``."""
    data = MessageChanged.model_validate(
        {
            "message_id": message_id,
            "revision": revision,
            "event_id": message_id,
            "change": change,
            "position": position,
        }
    )
    return event_of(data, "message.changed", tenant_id, user_id)


def memory_changed(
    memory_id: UUID,
    content: str | None,
    *,
    closed_id: UUID | None = None,
    position: int = 1,
    tenant_id: str = "acme",
    user_id: str = "ada",
) -> IndexableEvent:
    """A ``memory.changed``."""
    data = MemoryChanged(
        memory_id=memory_id,
        root_id=memory_id,
        version=1,
        event_id=memory_id,
        change="created" if content else "deleted",
        kind="fact",
        content=content,
        closed_id=closed_id,
        position=position,
    )
    return event_of(data, "memory.changed", tenant_id, user_id)


def event_of(data: IndexableChange, event_type: str, tenant_id: str, user_id: str) -> IndexableEvent:
    """The event that carries the data."""
    attributes = Attributes(id="e" * 32, type=event_type, source="mneme/resolver", time=NOW, traceparent=TRACE)
    return Event(tenant_id, user_id, attributes, data)


def _row(target: Target) -> RowKey:
    return target.tenant_id, target.user_id, target.kind, target.record_id, target.revision
