"""Where to look: the versions that a change touches. What is to be done about them their rows say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from mneme_common.contracts.changes import MemoryChanged, MessageChanged, MessageRecorded
from mneme_common.contracts.codec import Event
from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import RecordKind
from mneme_embedder.decide.texts import message_text

IndexableChange = MessageRecorded | MessageChanged | MemoryChanged
IndexableEvent = Event[IndexableChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One version of a record; ``text`` is what stands for it, None when the change does not carry it.

    ``revision`` counts messages' versions; a memory's version has an id of its own and 0 here.
    """

    tenant_id: str
    user_id: str
    kind: RecordKind
    record_id: UUID
    revision: int
    point_id: UUID
    text: str | None
    position: int
    traceparent: str | None = None


def targets_of(events: Iterable[IndexableEvent]) -> list[Target]:
    """The versions that the events touch, each once, sorted by owner and point."""
    merged: dict[tuple[str, UUID], Target] = {}
    for event in events:
        for target in _touched(event):
            key = target.tenant_id, target.point_id
            earlier = merged.get(key)
            merged[key] = target if earlier is None else _merge(earlier, target)
    return sorted(merged.values(), key=lambda target: (target.tenant_id, target.user_id, target.point_id))


def message_target(
    tenant_id: str,
    user_id: str,
    message_id: UUID,
    revision: int,
    *,
    text: str | None,
    position: int,
    traceparent: str | None = None,
) -> Target:
    """A revision of a message."""
    return Target(
        tenant_id=tenant_id,
        user_id=user_id,
        kind=RecordKind.MESSAGE,
        record_id=message_id,
        revision=revision,
        point_id=point_id(message_id, revision),
        text=text,
        position=position,
        traceparent=traceparent,
    )


def memory_target(
    tenant_id: str, user_id: str, memory_id: UUID, *, text: str | None, position: int, traceparent: str | None = None
) -> Target:
    """A version of a memory."""
    return Target(
        tenant_id=tenant_id,
        user_id=user_id,
        kind=RecordKind.MEMORY,
        record_id=memory_id,
        revision=0,
        point_id=memory_id,
        text=text,
        position=position,
        traceparent=traceparent,
    )


def _touched(event: IndexableEvent) -> Iterator[Target]:
    owner, data = (event.tenant_id, event.user_id), event.data
    trace, position = event.attributes.traceparent, data.position
    if isinstance(data, MemoryChanged):
        if data.content is not None:
            yield memory_target(*owner, data.memory_id, text=data.content, position=position, traceparent=trace)
        if data.closed_id is not None:
            yield memory_target(*owner, data.closed_id, text=None, position=position)
        return
    if isinstance(data, MessageRecorded):
        text = message_text(data.name, data.content)
        yield message_target(*owner, data.message_id, data.revision, text=text, position=position, traceparent=trace)
        return
    # The words of all revisions may have been deleted with the message.
    first = 1 if data.change == "deleted" else data.revision
    for revision in range(first, data.revision + 1):
        yield message_target(*owner, data.message_id, revision, text=None, position=position, traceparent=trace)


def _merge(earlier: Target, later: Target) -> Target:
    return replace(
        later,
        text=later.text if later.text is not None else earlier.text,
        position=max(earlier.position, later.position),
        traceparent=later.traceparent or earlier.traceparent,
    )
