"""Extractions that have to wait although nothing is wrong with the message: an outcome of reading it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.domain.failures import DependencyError
from mneme_extractor.decide.subject import Subject


class WaitReason(StrEnum):
    """What is waited for: a model that does not answer, or the tenant's next day or month of tokens."""

    MODEL_AWAY = "model_away"
    OVER_BUDGET = "over_budget"


class PostponedError(DependencyError):
    """This subject's messages wait; others need not. ``seconds`` is when it is worth trying again."""

    def __init__(self, reason: WaitReason, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.reason = reason
        self.seconds = seconds


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
