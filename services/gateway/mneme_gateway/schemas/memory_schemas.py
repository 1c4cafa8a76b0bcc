"""Schemas of memories in requests and answers (features.md, S1-39 to S1-41, S1-48)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mneme_common.domain.memory_schema import (
    CLASSES_MAX,
    COLUMNS_MAX,
    AnnotatedClass,
    Annotation,
    ClassDefinition,
    Column,
    Name,
    SchemaStatus,
    SearchableField,
    annotation_fault,
)
from mneme_common.domain.vocabulary import Kind
from mneme_gateway.schemas.parts import TenantId


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tenant_id: TenantId | None = None


class AnnotationIn(BaseModel):
    """How memories of a class are identified and searched, as a person says; nobody doubts it."""

    model_config = ConfigDict(extra="forbid")
    searchable_fields: list[SearchableField] = Field(default_factory=list, max_length=COLUMNS_MAX)
    identity_fields: list[Name] = Field(min_length=1, max_length=COLUMNS_MAX)

    def as_annotation(self) -> Annotation:
        """The same, certain."""
        return Annotation(
            searchable_fields=tuple(self.searchable_fields), identity_fields=tuple(self.identity_fields), confidence=1.0
        )


class ClassIn(ClassDefinition):
    """A class of memories. Without an ``annotation`` one is made for it."""

    annotation: AnnotationIn | None = None

    @model_validator(mode="after")
    def _annotates_its_own_columns(self) -> Self:
        fault = None if self.annotation is None else annotation_fault(self, self.annotation.as_annotation())
        if fault is not None:
            raise ValueError(fault)
        return self

    def definition(self) -> ClassDefinition:
        """The class alone."""
        return ClassDefinition(name=self.name, description=self.description, kind=self.kind, columns=self.columns)


class SchemaIn(_In):
    """All of a tenant's own classes, as the next version of its schema."""

    classes: list[ClassIn] = Field(min_length=1, max_length=CLASSES_MAX)
    activate: bool = Field(True, description="As soon as its annotation is sure enough.")

    @model_validator(mode="after")
    def _names_each_class_once(self) -> Self:
        names = [one.name for one in self.classes]
        if len(set(names)) != len(names):
            raise ValueError("classes have different names")
        return self


class ApproveIn(_In):
    """Approval by a person; ``annotations`` replace, by class, what was proposed."""

    annotations: Annotated[dict[Name, AnnotationIn], Field(max_length=CLASSES_MAX)] = Field(default_factory=dict)


class AnnotateIn(_In):
    """Who is to annotate: the language model, or the rules that need none. Absent: a model where there is one."""

    by: Literal["model", "defaults"] | None = None


class SchemaActionIn(_In):
    """Whose schema it is about."""


class ClassOut(BaseModel):
    """A class with its annotation; ``since`` is the version in which it came to be as it is."""

    name: str
    description: str
    kind: Kind
    columns: list[Column]
    searchable_fields: list[SearchableField]
    identity_fields: list[str]
    confidence: float
    needs_approval: bool
    since: int

    @classmethod
    def of(cls, known: AnnotatedClass) -> ClassOut:
        """The class as it is shown."""
        definition, annotation = known.definition, known.annotation
        return cls(
            name=definition.name,
            description=definition.description,
            kind=definition.kind,
            columns=list(definition.columns),
            searchable_fields=list(annotation.searchable_fields),
            identity_fields=list(annotation.identity_fields),
            confidence=annotation.confidence,
            needs_approval=annotation.needs_approval,
            since=known.since,
        )


class BackfillOut(BaseModel):
    """How far the memories have been brought up to date; ``collisions`` have now the identity of another one."""

    status: Literal["queued", "running", "done", "superseded"]
    job_id: UUID
    users_total: int | None = None
    users_done: int
    memories_done: int
    collisions: int
    started_at: datetime | None = None
    finished_at: datetime | None = None


class SchemaOut(BaseModel):
    """One version of a tenant's schema."""

    tenant_id: str
    version: int
    status: SchemaStatus
    annotated_by: Literal["defaults", "model", "person"]
    model: str | None = None
    approved: bool = Field(description="By a person.")
    classes: list[ClassOut]
    backfill: BackfillOut | None = None
    created_at: datetime
    activated_at: datetime | None = None


class SchemaPage(BaseModel):
    """All versions of a tenant's schema, the last first."""

    items: list[SchemaOut]
