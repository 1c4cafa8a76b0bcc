"""How a recorded revision stands by the time it is read."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from mneme_common.domain.subject import Subject


class Standing(Enum):
    """OPEN is to be read; EXTRACTED has been; GONE was deleted or changed, and its words concern nobody any more.

    WAITING: an earlier message of the same user waits for the model, and a user's messages keep their order.
    """

    OPEN = auto()
    EXTRACTED = auto()
    GONE = auto()
    WAITING = auto()


class RevisionKey(NamedTuple):
    """A revision of a message, by the event that gave it its words."""

    tenant_id: str
    user_id: str
    message_id: UUID
    event_id: UUID

    @property
    def subject(self) -> Subject:
        """Whose message it is."""
        return Subject(self.tenant_id, self.user_id)


def standing_of(*, extracted: bool, current: bool, waiting: bool = False) -> Standing:
    """What has been extracted needs nothing more, whatever became of it since; what is gone waits for nobody."""
    if extracted:
        return Standing.EXTRACTED
    if not current:
        return Standing.GONE
    return Standing.WAITING if waiting else Standing.OPEN
