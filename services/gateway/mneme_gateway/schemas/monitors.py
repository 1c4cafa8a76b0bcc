"""Monitors of the resolver's decisions, and the kill switch, in requests and answers (features.md, S1-49, S1-50)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from mneme_common.contracts.commands import Label
from mneme_gateway.schemas.parts import RequestModel, TenantId

EVERY_CLASS = "*"
SwitchedClass = Annotated[
    str,
    Field(
        max_length=128,
        pattern=r"^(\*|[A-Za-z_][A-Za-z0-9_]*)$",
        description="A memory class, or `*` for all of the tenant's.",
    ),
]


class KillSwitchIn(RequestModel):
    """Where nothing is to be merged from now on, or where merging is allowed again."""

    tenant_id: TenantId | None = None
    memory_class: SwitchedClass = EVERY_CLASS
    create_only: bool
    reason: Label | None = None


class KillSwitchOut(BaseModel):
    """The latest setting for a class. `automatic`: thrown because too many updates were taken back."""

    tenant_id: str
    memory_class: str
    create_only: bool
    automatic: bool
    reason: str | None
    version: int
    changed_at: datetime


class ClassMonitor(BaseModel):
    """What extraction did to the memories of a class.

    `false_updates` were undone or corrected right after; `near_misses` were created beside a memory that was similar
    (0.55 or more) but spoke of something else, which is where missed updates hide.
    """

    memory_class: str
    created: int
    updated: int
    false_updates: int
    near_misses: int
    false_update_rate: float
    near_miss_rate: float


class SearchMonitor(BaseModel):
    """Searches that this gateway answered since it started, and how many of them found nothing."""

    searches: int
    without_hits: int
    zero_hit_rate: float


class IndexSize(BaseModel):
    """What is live of the tenant, and the disk that all tenants' tables and indexes take."""

    messages: int
    memories: int
    vectors: int
    bytes_on_disk: int


class Monitors(BaseModel):
    """How well memory is kept."""

    tenant_id: str
    since: datetime
    classes: list[ClassMonitor]
    search: SearchMonitor
    index: IndexSize
    kill_switches: list[KillSwitchOut]
