"""Extractions that have to wait although nothing is wrong with the message: an outcome of reading it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.model_waiting import WaitReason
from mneme_common.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class PostponedMessage:
    """A message that waits, named by its place in the user's ledger and the event that gave it its words.

    ``recorded`` is None while nobody has looked, and once the words are gone; ``extracted`` says that another worker
    has read it meanwhile.
    """

    subject: Subject
    position: int
    message_id: UUID
    event_id: UUID
    traceparent: str | None
    recorded: MessageRecorded | None = None
    extracted: bool = False


@dataclass(frozen=True, slots=True)
class Postponement:
    """``reason`` and ``seconds`` are those of the user's first waiting message; None and 0 behind one that waits."""

    message: PostponedMessage
    reason: WaitReason | None = None
    seconds: float = 0.0
