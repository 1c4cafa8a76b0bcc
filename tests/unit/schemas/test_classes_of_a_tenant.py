"""Classes that a tenant defines: what is refused, how they are annotated, how values are made to fit them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mneme_common.domain.column_values import fitted
from mneme_common.domain.memory_schema import DEFAULT_CLASSES, AnnotatedClass, ClassDefinition
from mneme_gateway.decide.annotation import annotate
from mneme_resolver.decide.classes import CLASSES
from mneme_resolver.decide.record_text import record_text
from mneme_resolver.decide.tenant_classes import matched_class
from tests.fixtures.schemas import BOOK

DEFINITION = ClassDefinition.model_validate(BOOK)


def annotated(columns: list[tuple[str, str]]) -> AnnotatedClass:
    """A class with its deterministic annotation."""
    definition = {"name": "thing", "columns": [{"name": name, "dtype": dtype} for name, dtype in columns]}
    read = ClassDefinition.model_validate(definition)
    return AnnotatedClass(definition=read, annotation=annotate(read))


def test_the_names_of_the_default_classes_are_taken() -> None:
    assert set(CLASSES) == DEFAULT_CLASSES


def test_words_are_searched_and_dates_numbers_booleans_and_personal_columns_never() -> None:
    found = annotate(DEFINITION)
    assert {one.field: one.boost for one in found.searchable_fields} == {
        "title": 3.0,
        "author": 1.0,
        "genre": 2.0,
        "tags": 2.0,
        "notes": 1.0,
    }
    assert (found.identity_fields, found.confidence, found.needs_approval) == (("title",), 0.8, False)


@pytest.mark.parametrize(
    ("columns", "identity", "approved"),
    [
        ([("isbn", "string"), ("title", "string")], ("isbn",), True),
        ([("order_number", "integer"), ("notes", "text")], ("order_number",), True),
        ([("project_name", "string"), ("owner", "string")], ("project_name",), True),
        ([("dose", "string"), ("notes", "text")], ("dose",), False),
        ([("from_place", "string"), ("to_place", "string")], ("from_place", "to_place"), False),
        ([("weight", "number")], ("weight",), False),
    ],
)
def test_identity_that_is_only_guessed_needs_approval(
    columns: list[tuple[str, str]], identity: tuple[str, ...], approved: bool
) -> None:
    found = annotated(columns).annotation
    assert (found.identity_fields, not found.needs_approval) == (identity, approved)


def test_a_personal_column_identifies_only_what_no_other_can() -> None:
    name = {"name": "name", "dtype": "string", "pii": True}
    contact = {"name": "contact", "columns": [name, {"name": "city", "dtype": "string"}]}
    assert annotate(ClassDefinition.model_validate(contact)).identity_fields == ("name",)
    contact["columns"] = [name, {"name": "contact_id", "dtype": "string"}]
    assert annotate(ClassDefinition.model_validate(contact)).identity_fields == ("contact_id",)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"columns": [{"name": "a", "dtype": "string", "enum": ["x"]}]}, "enum"),
        ({"columns": [{"name": "a", "dtype": "enum", "enum": ["x", "X"]}]}, "each value once"),
        ({"columns": [{"name": "a", "dtype": "string"}, {"name": "a", "dtype": "text"}]}, "different names"),
        ({"columns": [{"name": "a", "dtype": "money"}]}, "dtype"),
        ({"description": "\x00"}, "NUL"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_definition_that_cannot_hold_is_refused_by_name(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        ClassDefinition.model_validate(BOOK | change)


def test_values_are_made_to_fit_their_columns_or_dropped() -> None:
    values: dict[str, Any] = {
        "title": " Dune ", "genre": "NOVEL", "tags": [" sand", "sand", 3], "pages": "412", "rating": "high",
        "finished": "true", "read_on": "last week", "publisher": "Ace", "notes": "",
    }  # fmt: skip
    kept, dropped = fitted(DEFINITION, values)
    assert kept == {"title": "Dune", "genre": "novel", "tags": ["sand"], "pages": 412, "finished": True}
    assert dropped == ("rating", "read_on", "publisher")
    assert record_text(DEFINITION, kept) == "book: title Dune; genre novel; tags sand; pages 412; finished yes"


def test_worded_identity_is_compared_by_words_and_the_rest_exactly() -> None:
    found = matched_class(annotated([("title", "text"), ("notes", "text")]))
    assert (found.exact, found.textual, found.identity) == ((), ("title",), ("title",))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text("aN 1-é", max_size=8)
JSON = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2)
COLUMNS = [column.name for column in DEFINITION.columns]


@given(st.dictionaries(st.sampled_from([*COLUMNS, "other"]), JSON, max_size=6))
def test_fitting_twice_changes_nothing_more(values: dict[str, Any]) -> None:
    """Whatever a model proposes."""
    kept, _ = fitted(DEFINITION, values)
    assert fitted(DEFINITION, kept) == (kept, ())
