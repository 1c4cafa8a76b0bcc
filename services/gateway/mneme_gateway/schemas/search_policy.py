"""How a tenant's searches are done unless a request says otherwise."""

from __future__ import annotations

from pydantic import BaseModel, Field

from mneme_gateway.schemas.parts import RequestModel, TenantId


class SearchPolicyIn(RequestModel):
    """What is not named stays as it is."""

    tenant_id: TenantId | None = None
    rerank: bool | None = Field(None, description="Whether a second model reads the candidates of every search.")


class SearchPolicyOut(BaseModel):
    """`available`: whether this server has a second stage at all (`MNEME_RERANKER`)."""

    tenant_id: str
    rerank: bool
    available: bool
