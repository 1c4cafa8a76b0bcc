"""Schemas: the classes of memories that a tenant defines, and how each is identified and searched (S1-39, S1-40)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mneme_common.domain.journal import JOURNAL
from mneme_common.domain.vocabulary import Kind

CLASSES_MAX = 50
COLUMNS_MAX = 50
CHOICES_MAX = 100
APPROVED_FROM = 0.7
"""Confidence in the identity fields below which a person has to approve them (S1-40)."""

DEFAULT_CLASSES = frozenset({"profile_fact", "preference", "rule", "goal", "event", "relation", "note", JOURNAL})
"""The classes that every tenant has; its own have other names."""


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not contain NUL")
    return text


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Description = Annotated[str, Field(max_length=500), AfterValidator(_without_nul)]
Choice = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_without_nul)]
Unit = Annotated[float, Field(ge=0.0, le=1.0)]


class DataType(StrEnum):
    """What a column holds. ``string`` is short and exact, ``text`` is worded freely."""

    STRING = "string"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    ENUM = "enum"
    STRINGS = "list[string]"


class SchemaStatus(StrEnum):
    """The life of a version; one at most is active for a tenant, and what is not active decides nothing."""

    ANNOTATING = "annotating"
    NEEDS_APPROVAL = "needs_approval"
    READY = "ready"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    DEPRECATED = "deprecated"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Column(_Model):
    """One field of a class. The values of ``pii`` columns are replaced before anything is stored."""

    name: Name
    dtype: DataType
    choices: tuple[Choice, ...] | None = Field(default=None, alias="enum", max_length=CHOICES_MAX)
    description: Description = ""
    pii: bool = False

    @model_validator(mode="after")
    def _has_choices_where_it_needs_them(self) -> Self:
        if (self.dtype is DataType.ENUM) != bool(self.choices):
            raise ValueError("enum lists the values of a column of dtype enum, and of no other")
        if self.choices is not None and len({choice.lower() for choice in self.choices}) != len(self.choices):
            raise ValueError("enum lists each value once")
        return self


class SearchableField(_Model):
    """A column whose words a memory is found by, and how much they count."""

    field: Name
    boost: Annotated[float, Field(gt=0.0, le=10.0)]


class Annotation(_Model):
    """How memories of a class are identified and searched; ``confidence`` is in the identity fields."""

    searchable_fields: Annotated[tuple[SearchableField, ...], Field(max_length=COLUMNS_MAX)] = ()
    identity_fields: Annotated[tuple[Name, ...], Field(min_length=1, max_length=COLUMNS_MAX)]
    confidence: Unit = 1.0

    @property
    def needs_approval(self) -> bool:
        """Whether a person has to look at it before it is used."""
        return self.confidence < APPROVED_FROM


class ClassDefinition(_Model):
    """A class of memories: what it is for, and its columns."""

    name: Name
    description: Description = ""
    kind: Kind = Kind.FACT
    columns: tuple[Column, ...] = Field(min_length=1, max_length=COLUMNS_MAX)

    @model_validator(mode="after")
    def _is_told_apart(self) -> Self:
        if self.name in DEFAULT_CLASSES:
            raise ValueError(f"{self.name} is a class that every tenant has; choose another name")
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("columns have different names")
        return self

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


class AnnotatedClass(_Model):
    """A class with its annotation, as it has been since version ``since`` of the tenant's schema."""

    definition: ClassDefinition
    annotation: Annotation
    since: int = 1

    @model_validator(mode="after")
    def _annotates_its_own_columns(self) -> Self:
        fault = annotation_fault(self.definition, self.annotation)
        if fault is not None:
            raise ValueError(fault)
        return self

    @property
    def label(self) -> str:
        """The schema version that its memories carry."""
        return f"tenant-{self.since}"

    def undescribed(self) -> AnnotatedClass:
        """The same without what only people and models read."""
        columns = tuple(column.model_copy(update={"description": ""}) for column in self.definition.columns)
        definition = self.definition.model_copy(update={"description": "", "columns": columns})
        return self.model_copy(update={"definition": definition})


def annotation_fault(definition: ClassDefinition, annotation: Annotation) -> str | None:
    """Why the annotation is none of this class; None when it is one."""
    searched = [one.field for one in annotation.searchable_fields]
    for names in (searched, list(annotation.identity_fields)):
        unknown = [name for name in names if definition.column(name) is None]
        if unknown:
            return f"{definition.name} has no column {unknown[0]}"
        if len(set(names)) != len(names):
            return f"the annotation of {definition.name} names a column twice"
    hidden = [name for name in searched if (column := definition.column(name)) is not None and column.pii]
    return f"{hidden[0]} is marked pii and cannot be searched" if hidden else None


class ActiveSchema(_Model):
    """The classes that a tenant has defined, beside those that everybody has."""

    version: int
    classes: tuple[AnnotatedClass, ...]

    def find(self, name: str) -> AnnotatedClass | None:
        """The class of that name."""
        return next((one for one in self.classes if one.definition.name == name), None)

    def only(self, names: Iterable[str]) -> ActiveSchema | None:
        """What a decision on these classes rests on; None when none of them is the tenant's own."""
        wanted = frozenset(names)
        kept = tuple(one.undescribed() for one in self.classes if one.definition.name in wanted)
        return self.model_copy(update={"classes": kept}) if kept else None
