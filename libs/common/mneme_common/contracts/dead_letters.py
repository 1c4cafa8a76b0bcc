"""Records as they were consumed, and what becomes of one that cannot be processed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mneme_common.domain.identifiers import uuid_or_none

REDRIVE_LETTER = "redrive_letter"
"""Header of a record that is tried again: the id of its letter, which its stage resolves or writes anew."""

REDRIVE_ORIGIN = "redrive_origin"
"""Header of the same: incarnation/topic/partition/offset of the original, which may be all that identifies it."""

SEALED = "dlq_sealed"
"""Header of a letter whose value and headers are encrypted: the record had not been scrubbed."""

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was consumed; ``topic`` without the cluster's prefix."""

    incarnation: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be processed: the original bytes and why."""

    record: Record
    stage: str
    reason: str
    detail: str
    attempts: int
    buried_at: datetime
    event_id: UUID | None = None
    event_type: str | None = None


Seal = Callable[[Record], Record]
"""Makes a record unreadable that may hold what nobody has scrubbed."""


def unsealed(record: Record) -> Record:
    """The seal of stages whose records have all been scrubbed."""
    return record


class DeadLetterStore(Protocol):
    """Keeps dead letters as rows; the topic mirrors them."""

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Stores the letters; storing one twice changes nothing, and a re-driven one takes the place of the old."""

    async def resolve(self, stage: str, letters: Sequence[UUID]) -> None:
        """Notes that the stage has processed what these letters hold."""


def redriven_letter(record: Record) -> UUID | None:
    """The letter that a record was taken from, when it is one that is tried again."""
    text = _header(record, REDRIVE_LETTER)
    return uuid_or_none(text) if text is not None else None


def origin_of(record: Record) -> tuple[str, str, int, int]:
    """Where a record was first: incarnation, topic, partition, offset."""
    parts = (_header(record, REDRIVE_ORIGIN) or "").rsplit("/", 3)
    if len(parts) == 4 and parts[2].isdecimal() and parts[3].isdecimal():
        return parts[0], parts[1], int(parts[2]), int(parts[3])
    return record.incarnation, record.topic, record.partition, record.offset


def is_sealed(headers: Headers) -> bool:
    """Whether value and headers of a letter are encrypted."""
    return any(name == SEALED for name, _ in headers)


def _header(record: Record, wanted: str) -> str | None:
    return next((value.decode(errors="replace") for name, value in record.headers if name == wanted), None)
