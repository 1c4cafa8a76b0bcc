"""The command that says what came of reading a message."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import DeleteMemory, ProposeMemories
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import COMMANDS
from mneme_common.telemetry.tracing import continue_trace
from mneme_extractor.decide.extraction import Extraction, command_id, command_of, request_hash, run_request_hash
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.subject import Subject
from mneme_extractor.ports import Clock

SOURCE = "mneme/extractor"


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
