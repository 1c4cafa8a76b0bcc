"""What operators set of a tenant's extraction, and what they are told of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, field_validator

from mneme_gateway.schemas.parts import RequestModel, TenantId

_MOST_TOKENS = 10**12

OverBudget = Literal["wait", "rules"]


class ExtractionPolicyIn(RequestModel):
    """What to change of a tenant's token budget; `null` lifts a limit.

    Prompt and completion tokens count together, days and months are UTC's. `over_budget` says what happens to messages
    once the tokens are spent: they wait for the next day or month, or the rules read them.
    """

    tenant_id: TenantId | None = None
    daily_tokens: int | None = Field(None, ge=0, le=_MOST_TOKENS)
    monthly_tokens: int | None = Field(None, ge=0, le=_MOST_TOKENS)
    over_budget: OverBudget | None = None

    @field_validator("over_budget", mode="before")
    @classmethod
    def _is_said(cls, value: object) -> object:
        if value is None:
            raise ValueError("leave it out to keep it; it cannot be null")
        return value


class WaitingMessages(BaseModel):
    """Messages whose extraction waits: `model_away` for a model that does not answer, `over_budget` for tokens."""

    model_away: int = 0
    over_budget: int = 0


class ExtractionPolicyOut(BaseModel):
    """A tenant's token budget, what it has spent, and what waits."""

    tenant_id: str
    daily_tokens: int | None = None
    monthly_tokens: int | None = None
    over_budget: OverBudget = "wait"
    spent_today: int
    spent_this_month: int
    requests_this_month: int
    waiting: WaitingMessages
