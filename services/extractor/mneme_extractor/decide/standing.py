"""How a recorded revision stands by the time it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID


class Standing(Enum):
    """OPEN is to be read; EXTRACTED has been; GONE was deleted or changed, and its words concern nobody any more."""

    OPEN = auto()
    EXTRACTED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class RevisionKey:
    """A revision of a message, by the event that gave it its words."""

    tenant_id: str
    user_id: str
    message_id: UUID
    event_id: UUID


def standing_of(*, extracted: bool, current: bool) -> Standing:
    """What has been extracted needs nothing more, whatever became of it since."""
    if extracted:
        return Standing.EXTRACTED
    return Standing.OPEN if current else Standing.GONE
