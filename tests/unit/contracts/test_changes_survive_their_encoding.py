"""What the resolver says in a change is what its readers understand, also where it leaves something out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mneme_common.contracts.changes import CHANGE_TYPES, MemoryChanged, MessageChanged
from mneme_common.contracts.codec import decode, encode, parse_json
from mneme_common.contracts.commands import EventData
from mneme_common.contracts.envelope import Attributes
from mneme_common.contracts.topics import CHANGES

ID = UUID("01a1fc10-0000-7000-8000-000000000000")
ENDED = MemoryChanged(
    memory_id=ID, root_id=ID, version=2, event_id=ID, change="deleted", kind="fact", content=None, position=3
)
ARCHIVED = MessageChanged(message_id=ID, revision=1, event_id=ID, change="archived", position=3)


@pytest.mark.parametrize(("event_type", "change"), [("memory.changed", ENDED), ("message.changed", ARCHIVED)])
def test_a_change_is_read_as_it_was_written(event_type: str, change: EventData) -> None:
    attributes = Attributes(id=ID.hex, type=event_type, source="mneme/resolver", time=datetime.now(UTC))
    record = encode(CHANGES, "acme", "ada", attributes, change)
    assert decode(CHANGE_TYPES, event_type, 1, parse_json(record.value)) == change
