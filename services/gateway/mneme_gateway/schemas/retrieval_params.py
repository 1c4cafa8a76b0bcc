"""How a tenant's searches rank (features.md, S4-45 to S4-47)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from mneme_gateway.decide.retrieval_params import DEFAULT_WEIGHTS, WEIGHT_MAX
from mneme_gateway.schemas.parts import RequestModel, TenantId

FeedbackWeight = Annotated[float, Field(ge=0.01, le=0.5)]
Weight = Annotated[float, Field(ge=-WEIGHT_MAX, le=WEIGHT_MAX)]


class RetrievalParamsIn(RequestModel):
    """What to change; what is absent stays. `weights` replaces all weights that were set; `{}` sets them back."""

    tenant_id: TenantId | None = None
    feedback_weight: FeedbackWeight | None = Field(None, description="How far one signal of feedback moves a score.")
    weights: dict[str, Weight] | None = Field(
        None,
        max_length=len(DEFAULT_WEIGHTS),
        description="Of the ranking `best`, by component; those that are not named keep their learnt weight.",
        examples=[{"recency": 0.8, "importance": 0.0}],
    )

    @field_validator("weights")
    @classmethod
    def _known(cls, weights: dict[str, float] | None) -> dict[str, float] | None:
        if set(weights or {}) - set(DEFAULT_WEIGHTS):
            raise ValueError(f"the ranking has no such weight; it has {', '.join(sorted(DEFAULT_WEIGHTS))}")
        return weights


class TuneIn(RequestModel):
    """A weight of feedback to set, or none: then what people said so far decides."""

    tenant_id: TenantId | None = None
    feedback_weight: FeedbackWeight | None = None


class RetrievalParamsOut(BaseModel):
    """The parameters in force. `version` 0 is the default; `weights` are all, `changed` those that were set."""

    tenant_id: str
    version: int
    feedback_weight: float
    weights: dict[str, float]
    changed: dict[str, float]
    updated_at: datetime | None = None


class TunedOut(BaseModel):
    """What tuning did; without `tuned` nothing has changed."""

    tuned: bool
    message: str
    old_params: RetrievalParamsOut
    new_params: RetrievalParamsOut
