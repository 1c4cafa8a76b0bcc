"""The types that request bodies are made of, and what all of them refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mneme_common.domain.limits import NAME_PATTERN, TENANT_ID_MAX, USER_ID_MAX, USER_ID_PATTERN


def as_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC. Raises ValueError where UTC has no such moment."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is out of range") from None


TenantId = Annotated[str, Field(min_length=1, max_length=TENANT_ID_MAX, pattern=NAME_PATTERN, examples=["acme"])]
UserId = Annotated[str, Field(min_length=1, max_length=USER_ID_MAX, pattern=USER_ID_PATTERN, examples=["ada"])]
UtcTime = Annotated[datetime, AfterValidator(as_utc), Field(examples=["2026-01-31T12:00:00Z"])]


class RequestModel(BaseModel):
    """A body, or a part of one: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")


class Owned(RequestModel):
    """Whose memory a body is about; absent parts are the credential's."""

    tenant_id: TenantId | None = None
    user_id: UserId | None = None


class Accepted(BaseModel):
    """The answer 202: the write is durable and its outcome not known yet."""

    operation_id: str
    status: str = Field("pending", examples=["pending"])
    operation_url: str


class ItemError(BaseModel):
    """Why one item of a batch was not done; ``message_index`` is its place in the request."""

    message_index: int
    error: str
    code: str
    status: int
    message_id: UUID | None = None


class ItemPending(BaseModel):
    """One item of a batch whose outcome is not known yet."""

    message_index: int
    operation_id: str
    operation_url: str


class ErrorDescription(BaseModel):
    """The parts of an error."""

    code: str
    message: str
    request_id: str
    timestamp: datetime
    details: dict[str, object] | None = None
    hint: str | None = None


class ErrorBody(BaseModel):
    """Every error of the API."""

    detail: str
    error: ErrorDescription
    retry_after: int | None = None
