"""What a tenant may spend on models."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain.model_waiting import WaitReason
from mneme_common.domain.token_budget import OverBudgetError, Spending, TokenBudget, budget_of, require_budget

_NOON = datetime(2026, 2, 28, 12, tzinfo=UTC)
_ALMOST_MIDNIGHT = datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC)


def test_without_a_budget_anything_may_be_spent() -> None:
    require_budget(TokenBudget(), Spending(10**9, 10**10), _NOON)


@given(spent=st.integers(0, 200), allowed=st.integers(0, 200))
def test_nothing_is_begun_once_the_days_tokens_are_spent(spent: int, allowed: int) -> None:
    budget = TokenBudget(daily=allowed)
    if spent < allowed:
        require_budget(budget, Spending(today=spent, month=spent), _NOON)
        return
    with pytest.raises(OverBudgetError, match=f"{spent} of {allowed} tokens this day") as raised:
        require_budget(budget, Spending(today=spent, month=spent), _NOON)
    assert raised.value.reason is WaitReason.OVER_BUDGET


def test_a_month_is_over_budget_although_the_day_is_not() -> None:
    with pytest.raises(OverBudgetError, match="this month"):
        require_budget(TokenBudget(daily=100, monthly=1_000), Spending(today=1, month=1_000), _NOON)


@pytest.mark.parametrize(("now", "seconds"), [(_NOON, 30.0), (_ALMOST_MIDNIGHT, 10.0)])
@pytest.mark.parametrize("budget", [TokenBudget(daily=0), TokenBudget(monthly=0)])
def test_whoever_waits_looks_again_soon_and_at_the_turn_of_the_day(
    budget: TokenBudget, now: datetime, seconds: float
) -> None:
    with pytest.raises(OverBudgetError) as raised:
        require_budget(budget, Spending(), now)
    assert raised.value.seconds == seconds


@pytest.mark.parametrize(
    ("settings", "budget"),
    [
        ({}, TokenBudget()),
        ({"extraction": "nonsense"}, TokenBudget()),
        ({"extraction": {"daily_tokens": 5}}, TokenBudget(daily=5)),
        ({"extraction": {"monthly_tokens": 7, "over_budget": "rules"}}, TokenBudget(monthly=7, over_budget="rules")),
        ({"extraction": {"daily_tokens": None, "over_budget": "perhaps"}}, TokenBudget()),
    ],
)
def test_a_budget_is_read_from_the_tenants_settings(settings: dict[str, object], budget: TokenBudget) -> None:
    assert budget_of(settings) == budget
