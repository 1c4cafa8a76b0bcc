"""Schemas: the classes of memories that a tenant defines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class SchemaClass(Answer):
    """A class with its annotation; ``since`` is the version in which it came to be as it is."""

    name: str
    description: str = ""
    kind: str = "fact"
    columns: tuple[Mapping[str, object], ...] = ()
    searchable_fields: tuple[Mapping[str, object], ...] = ()
    identity_fields: tuple[str, ...] = ()
    confidence: float = 1.0
    needs_approval: bool = False
    since: int = 1


@dataclass(frozen=True, kw_only=True)
class Backfill(Answer):
    """How far memories have been brought up to date; ``collisions`` have now the identity of another one."""

    status: str
    job_id: str
    users_total: int | None = None
    users_done: int = 0
    memories_done: int = 0
    collisions: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Schema(Answer):
    """One version of a tenant's schema."""

    version: int
    status: str
    tenant_id: str = ""
    annotated_by: str = "defaults"
    model: str | None = None
    approved: bool = False
    classes: tuple[SchemaClass, ...] = ()
    backfill: Backfill | None = None
    created_at: datetime | None = None
    activated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Schemas(Answer):
    """All versions, the last first."""

    items: tuple[Schema, ...] = ()

    def __iter__(self) -> Iterator[Schema]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
