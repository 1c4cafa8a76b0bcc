"""What operators are told of extraction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
