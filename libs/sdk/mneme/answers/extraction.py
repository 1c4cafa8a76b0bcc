"""What was extracted from a message; what operators are told of extraction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.answers.memories import Memory
from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class ExtractionPolicy(Answer):
    """A tenant's token budget, what it has spent, and how many messages wait, by reason."""

    tenant_id: str
    daily_tokens: int | None = None
    monthly_tokens: int | None = None
    over_budget: str = "wait"
    spent_today: int = 0
    spent_this_month: int = 0
    requests_this_month: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MessageExtraction(Answer):
    """What was extracted from a message. ``status`` is pending, postponed (for a ``reason``) or done."""

    message_id: str
    revision: int
    status: str
    extractor: str | None = None
    model: str | None = None
    proposals: int | None = None
    extracted_at: datetime | None = None
    reason: str | None = None
    retry_at: datetime | None = None
    memories: tuple[Memory, ...] = ()

    @property
    def is_done(self) -> bool:
        """True once the message has been read, whatever was found in it."""
        return self.status == "done"

    def __iter__(self) -> Iterator[Memory]:
        return iter(self.memories)
