"""Feedback on what was found (features.md, S4-43, S4-44)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from mneme_common.domain.vocabulary import TrustTier
from mneme_gateway.schemas.parts import Owned

_CONTEXT_MAX = 1_000


class Signal(StrEnum):
    """What somebody thinks of a result."""

    USEFUL = "useful"
    IRRELEVANT = "irrelevant"
    OUTDATED = "outdated"
    WRONG = "wrong"


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text must not contain a NUL character")
    return text


class FeedbackIn(Owned):
    """What somebody thinks of a memory or a message that was found."""

    signal: Signal
    context: Annotated[str, Field(max_length=_CONTEXT_MAX), AfterValidator(_without_nul)] | None = Field(
        None, description="What it was found for, or why it was of use. Personal data in it is replaced."
    )


class MemoryFeedback(BaseModel):
    """It is taken down, and counts from the next search on."""

    feedback_id: UUID
    memory_id: str
    signal: Signal


class MessageFeedback(BaseModel):
    """The same for a message."""

    feedback_id: UUID
    message_id: str
    signal: Signal


class FeedbackStats(BaseModel):
    """How often each signal was given."""

    useful: int = 0
    irrelevant: int = 0
    outdated: int = 0
    wrong: int = 0


class TierCount(BaseModel):
    """A signal's count for one trust tier; messages have no tier."""

    tier: TrustTier | None
    signal: Signal
    count: int


class FeedbackByTier(BaseModel):
    """Counts above 0, by tier and signal."""

    breakdown: list[TierCount]
