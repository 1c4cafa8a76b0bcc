"""The commands that say what came of reading messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import DeleteMemory, ProposeMemories
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import COMMANDS
from mneme_common.domain.limits import NOTED_AT_ONCE
from mneme_common.domain.subject import Subject
from mneme_common.telemetry.tracing import continue_trace
from mneme_extractor.decide.extraction import (
    Extraction,
    command_id,
    command_of,
    note_of,
    noting_id,
    request_hash,
    run_request_hash,
)
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.ports import Clock

SOURCE = "mneme/extractor"


@dataclass(frozen=True, slots=True)
class Reading:
    """A revision, and what came of reading it."""

    subject: Subject
    message: MessageRecorded
    extraction: Extraction
    traceparent: str | None


def commands_of(readings: Sequence[Reading], clock: Clock) -> list[OutgoingRecord]:
    """One command for each revision in which something was found, and one for all of a user's in which nothing was."""
    found = [
        proposals_record(reading.subject, reading.message, reading.extraction, reading.traceparent, clock)
        for reading in readings
        if not reading.extraction.is_empty
    ]
    empty = _alike(reading for reading in readings if reading.extraction.is_empty)
    pages = [
        group[start : start + NOTED_AT_ONCE]
        for group in empty.values()
        for start in range(0, len(group), NOTED_AT_ONCE)
    ]
    return found + [_note_record(page, clock) for page in pages]


def _alike(readings: Iterable[Reading]) -> Mapping[tuple[Subject, Extraction], list[Reading]]:
    """By user and by what read them."""
    groups: dict[tuple[Subject, Extraction], list[Reading]] = {}
    for reading in readings:
        by = Extraction(reading.extraction.extractor, (), reading.extraction.model, reading.extraction.prompt_hash)
        groups.setdefault((reading.subject, by), []).append(reading)
    return groups


def _note_record(readings: Sequence[Reading], clock: Clock) -> OutgoingRecord:
    """The ``extractions.noted`` of revisions that the same extractor read; its trace goes on from the first."""
    first = readings[0]
    messages = [reading.message for reading in readings]
    identity = noting_id(messages, SCHEMA_VERSION)
    attributes = Attributes(
        id=identity.hex,
        type="extractions.noted",
        source=SOURCE,
        time=clock(),
        request_hash=identity.hex,
        traceparent=continue_trace(first.traceparent),
    )
    data = note_of(messages, first.extraction, SCHEMA_VERSION)
    return encode(COMMANDS, first.subject.tenant_id, first.subject.user_id, attributes, data)


def proposals_record(
    subject: Subject, message: MessageRecorded, extraction: Extraction, traceparent: str | None, clock: Clock
) -> OutgoingRecord:
    """The ``memories.proposed`` of a revision; its id depends on the revision alone."""
    attributes = Attributes(
        id=command_id(message, SCHEMA_VERSION).hex,
        type="memories.proposed",
        source=SOURCE,
        time=clock(),
        request_hash=request_hash(message, SCHEMA_VERSION),
        traceparent=continue_trace(traceparent),
    )
    data = command_of(message, extraction, SCHEMA_VERSION)
    return encode(COMMANDS, subject.tenant_id, subject.user_id, attributes, data)


def accepted_record(
    subject: Subject, event_id: UUID, data: ProposeMemories | DeleteMemory, clock: Clock
) -> OutgoingRecord:
    """A command that takes over a part of a run; the same id is the same request, however much of it is left to do."""
    if isinstance(data, ProposeMemories):
        event_type, asked = "memories.proposed", run_request_hash(data)
    else:
        event_type, asked = "memory.delete", sha256(data.model_dump_json().encode()).hexdigest()
    attributes = Attributes(
        id=event_id.hex,
        type=event_type,
        source=SOURCE,
        time=clock(),
        request_hash=asked,
        traceparent=continue_trace(None),
    )
    return encode(COMMANDS, subject.tenant_id, subject.user_id, attributes, data)
