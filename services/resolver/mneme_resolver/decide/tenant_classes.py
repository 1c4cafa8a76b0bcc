"""A tenant's own classes as the resolver matches them."""

from __future__ import annotations

from mneme_common.domain.memory_schema import AnnotatedClass, DataType
from mneme_resolver.decide.classes import MemoryClass


def matched_class(annotated: AnnotatedClass) -> MemoryClass:
    """Identity fields are exact but for worded ones."""
    definition, annotation = annotated.definition, annotated.annotation
    worded = {column.name for column in definition.columns if column.dtype is DataType.TEXT}
    return MemoryClass(
        name=definition.name,
        kind=definition.kind,
        exact=tuple(name for name in annotation.identity_fields if name not in worded),
        textual=tuple(name for name in annotation.identity_fields if name in worded),
        searchable={one.field: one.boost for one in annotation.searchable_fields},
        schema_version=annotated.label,
        definition=definition,
    )
