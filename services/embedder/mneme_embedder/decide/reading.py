"""Reading a record of the changes: which of them concern vectors."""

from __future__ import annotations

from mneme_common.contracts.changes import CHANGE_TYPES, MemoryChanged, MessageChanged, MessageRecorded
from mneme_common.contracts.codec import Event, decode, parse_json
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import InvalidEventError, from_headers, parse_key
from mneme_embedder.decide.targets import IndexableEvent

_INDEXABLE = {"message.recorded", "message.changed", "memory.changed"}


def read_change(record: Record) -> IndexableEvent | None:
    """The event, None when it does not concern vectors; raises InvalidEventError."""
    attributes = from_headers(record.headers)
    if attributes is None:
        raise InvalidEventError("a change is a CloudEvent")
    if attributes.type not in _INDEXABLE:
        return None
    tenant_id, user_id = parse_key(record.key)
    data = decode(CHANGE_TYPES, attributes.type, attributes.version, parse_json(record.value))
    if not isinstance(data, (MessageRecorded, MessageChanged, MemoryChanged)):
        raise InvalidEventError(f"{attributes.type} carries the data of another type")
    return Event(tenant_id, user_id, attributes, data)
