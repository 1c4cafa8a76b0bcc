"""A tenant's tokens: what may be spent in a day and in a month, and what happens when that is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mneme_common.domain.model_waiting import PostponedError, WaitReason

OverBudget = Literal["wait", "rules"]

_LOOK_AGAIN_SECONDS = 30.0
"""A budget may be raised meanwhile: whoever waits for the next day looks more often than daily."""


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """Tokens of prompts and completions together; None is no limit. Days and months are UTC's."""

    daily: int | None = None
    monthly: int | None = None
    over_budget: OverBudget = "wait"


@dataclass(frozen=True, slots=True)
class Spending:
    """Tokens spent so far."""

    today: int = 0
    month: int = 0


class OverBudgetError(PostponedError):
    """Nothing more may be spent now; ``fallback`` says that the rules are to read instead."""

    def __init__(self, detail: str, seconds: float, *, fallback: bool) -> None:
        super().__init__(WaitReason.OVER_BUDGET, detail, seconds)
        self.fallback = fallback


def budget_of(settings: Mapping[str, object]) -> TokenBudget:
    """The budget among a tenant's settings (``{"extraction": {...}}``); what is not said is not limited."""
    given = settings.get("extraction")
    if not isinstance(given, Mapping):
        return TokenBudget()
    daily, monthly = given.get("daily_tokens"), given.get("monthly_tokens")
    return TokenBudget(
        daily if isinstance(daily, int) else None,
        monthly if isinstance(monthly, int) else None,
        "rules" if given.get("over_budget") == "rules" else "wait",
    )


def require_budget(budget: TokenBudget, spending: Spending, now: datetime) -> None:
    """Raises OverBudgetError when the day's or the month's tokens are spent; nothing is begun then."""
    fallback = budget.over_budget == "rules"
    if budget.monthly is not None and spending.month >= budget.monthly:
        raise _over("month", spending.month, budget.monthly, _until_next_month(now), fallback=fallback)
    if budget.daily is not None and spending.today >= budget.daily:
        raise _over("day", spending.today, budget.daily, _until_tomorrow(now), fallback=fallback)


def _over(period: str, spent: int, allowed: int, seconds: float, *, fallback: bool) -> OverBudgetError:
    detail = f"the tenant has spent {spent} of {allowed} tokens this {period}"
    return OverBudgetError(detail, min(seconds, _LOOK_AGAIN_SECONDS), fallback=fallback)


def _until_tomorrow(now: datetime) -> float:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()


def _until_next_month(now: datetime) -> float:
    following = (now.replace(day=28) + timedelta(days=4)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (following - now).total_seconds()
