"""What became of a message's extraction; what operators set of a tenant's, and what they are told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from mneme_gateway.schemas.memories import MemoryOut
from mneme_gateway.schemas.parts import RequestModel, TenantId, UserId

_MOST_TOKENS = 10**12


def _not_live(name: str) -> str:
    if name == "live":
        raise ValueError("run: live is the name of the usual extraction; choose another")
    return name


RunName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$"), AfterValidator(_not_live)]
"""The name of an extraction asked for anew; `live` is that of the usual one."""

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


class RerunIn(RequestModel):
    """Read the recorded messages of a tenant, or of one user, again, and compare what is found with what is known.

    `run` names it: named again, it goes on where it stopped. Without `extractor` and `model` the extractor's own
    settings count.
    """

    run: RunName
    tenant_id: TenantId | None = None
    user_id: UserId | None = None
    extractor: Literal["rules", "openai"] | None = None
    model: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.extractor == "rules" and self.model is not None:
            raise ValueError("model: the rules need none; leave it out or choose the extractor openai")
        return self


class AcceptRunIn(RequestModel):
    """Take over what a run has found, for one user of it or for all."""

    run: RunName
    tenant_id: TenantId | None = None
    user_id: UserId | None = None


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


class MessageExtraction(BaseModel):
    """What has been extracted from a message as it is now: `done`, `pending`, or `postponed` for a reason.

    `proposals` counts what the extractor proposed; the resolver may have dropped some of it, or put it into memories
    that there were already. `memories` are the live ones that have the message as a source.
    """

    message_id: UUID
    revision: int
    status: Literal["pending", "postponed", "done"]
    extractor: str | None = None
    model: str | None = None
    prompt_hash: str | None = None
    schema_version: str | None = None
    run: str | None = Field(None, description="`live`, or the name of an extraction that was asked for anew.")
    proposals: int | None = None
    extracted_at: datetime | None = None
    reason: Literal["model_away", "over_budget"] | None = Field(None, description="Why it waits.")
    retry_at: datetime | None = None
    memories: list[MemoryOut] = Field(default_factory=list)
