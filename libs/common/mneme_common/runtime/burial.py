"""Dead letters as the loops make them: what is kept of a record that cannot be processed, and its mirror on a topic."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from mneme_common.contracts.codec import parse_json
from mneme_common.contracts.dead_letters import DeadLetter, Record
from mneme_common.contracts.envelope import Attributes, InvalidEventError, OutgoingRecord, from_headers
from mneme_common.contracts.topics import CHANGES, dead_letter_topic
from mneme_common.domain.identifiers import uuid_or_none
from mneme_common.domain.sensitivity import redacted


def letter_of(record: Record, stage: str, reason: str, detail: str, *, attempts: int) -> DeadLetter:
    """The letter of a record, with its event's id and type as far as they can be read."""
    try:
        attributes = from_headers(record.headers)
    except InvalidEventError:
        attributes = None
    return DeadLetter(
        record=record,
        stage=stage,
        reason=reason,
        detail=redacted(detail),
        attempts=attempts,
        buried_at=datetime.now(UTC),
        event_id=_event_of(record, attributes),
        event_type=redacted(attributes.type) if attributes else None,
    )


def _event_of(record: Record, attributes: Attributes | None) -> UUID | None:
    """The event behind the record: a command's own id, and what a change names, whose own id is the change's.

    By it the event's messages and memories are known not to be waiting for a stage, but for an operator.
    """
    if record.topic != CHANGES:
        return uuid_or_none(attributes.id) if attributes else None
    try:
        return uuid_or_none(str(parse_json(record.value).get("event_id", "")))
    except InvalidEventError:
        return None


def mirror_of(letter: DeadLetter) -> OutgoingRecord:
    """The original record for the stage's dead-letter topic, with the cause in further headers."""
    record = letter.record
    cause = {
        "dlq_stage": letter.stage,
        "dlq_reason": letter.reason,
        "dlq_detail": letter.detail,
        "dlq_attempts": str(letter.attempts),
        "dlq_origin": f"{record.topic}/{record.partition}/{record.offset}",
        "dlq_buried_at": letter.buried_at.isoformat(),
    }
    headers = record.headers + tuple((name, value.encode()) for name, value in cause.items())
    return OutgoingRecord(
        dead_letter_topic(record.topic, letter.stage), record.key or b"", record.value or b"", headers
    )
