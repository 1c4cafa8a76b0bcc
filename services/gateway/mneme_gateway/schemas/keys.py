"""API keys in requests and answers (features.md, S4-51)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from mneme_common.contracts.commands import Label
from mneme_gateway.schemas.parts import RequestModel, TenantId, UserId, UtcTime


def _in_future(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return moment


class KeyIn(RequestModel):
    """A key for one user of one tenant; the tenant is made if there is none of the name."""

    user_id: UserId
    name: Label = Field(examples=["laptop"])
    tenant_id: TenantId | None = Field(None, description="Absent: `default`.")
    expires_at: Annotated[UtcTime, AfterValidator(_in_future)] | None = None


class KeyOut(BaseModel):
    """A key without the key itself."""

    key_id: UUID
    tenant_id: str
    user_id: str
    name: str
    key_prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class NewKey(KeyOut):
    """A key as it is made: the only answer that shows it."""

    raw_key: str


class KeyList(BaseModel):
    """Keys, the oldest first."""

    keys: list[KeyOut]
