"""Which changes the embedder reads, and which records it refuses."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest

from mneme_common.contracts.changes import EventFailed, MemoryIndexed, MessageRecorded
from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import EventData
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import Attributes, InvalidEventError
from mneme_common.contracts.topics import CHANGES
from mneme_embedder.decide.reading import read_change
from mneme_embedder.decide.targets import IndexableEvent
from tests.unit.embedder.fakes import NOW, changed, memory_changed, recorded

A, B = UUID(int=1), UUID(int=2)


def record_of(event_type: str, data: EventData) -> Record:
    """The data as a consumed record."""
    attributes = Attributes(id="e" * 32, type=event_type, source="mneme/resolver", time=NOW)
    outgoing = encode(CHANGES, "acme", "ada", attributes, data)
    return Record("kafka", CHANGES, 0, 7, 0, outgoing.key, outgoing.value, outgoing.headers)


@pytest.mark.parametrize("event", [recorded(A, "hi"), changed(A, "deleted", position=2), memory_changed(A, "x")])
def test_a_change_of_a_record_is_read_with_its_owner(event: IndexableEvent) -> None:
    read = read_change(record_of(event.attributes.type, event.data))
    assert read is not None
    assert (read.tenant_id, read.user_id, read.data) == ("acme", "ada", event.data)


def test_announcements_and_failures_are_for_others() -> None:
    indexed = MemoryIndexed(model="m", record_ids=[A], position=1)
    failed = EventFailed(event_id=A, event_type="message.record", status=404, detail="")
    assert read_change(record_of("memory.indexed", indexed)) is None
    assert read_change(record_of("event.failed", failed)) is None


def test_a_type_of_a_newer_version_is_for_others() -> None:
    assert read_change(record_of("memory.dreamt", MemoryIndexed(model="m", record_ids=[A], position=1))) is None


def test_a_record_without_envelope_is_invalid() -> None:
    with pytest.raises(InvalidEventError, match="CloudEvent"):
        read_change(Record("kafka", CHANGES, 0, 7, 0, b"acme/ada", b"{}", ()))


def test_a_change_with_missing_fields_is_invalid() -> None:
    record = dataclasses.replace(record_of("message.recorded", recorded(A, "hi").data), value=b'{"message_id": 1}')
    with pytest.raises(InvalidEventError):
        read_change(record)


def test_a_change_without_a_good_key_is_invalid() -> None:
    record = dataclasses.replace(record_of("message.recorded", recorded(A, "hi").data), key=b"acme")
    with pytest.raises(InvalidEventError, match="key"):
        read_change(record)


def test_data_of_the_declared_type_is_given_back() -> None:
    read = read_change(record_of("message.recorded", recorded(B, "hi", name="Ada").data))
    assert read is not None
    assert isinstance(read.data, MessageRecorded)
    assert read.data.name == "Ada"
