"""A tenant's own classes in what is said: labelled by its speaker, or found by a model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_common.contracts.chat import ChatAnswer
from mneme_common.domain.memory_schema import ActiveSchema, AnnotatedClass
from mneme_extractor.decide.labelled_records import labelled_records
from mneme_extractor.decide.model_output import read_answer
from mneme_extractor.decide.output_schema import output_schema
from mneme_extractor.decide.prompt import prompt_hash, question
from tests.fixtures.schemas import BOOK, annotation
from tests.unit.extractor.speech import said

SCHEMA = ActiveSchema(
    version=1, classes=(AnnotatedClass.model_validate({"definition": BOOK, "annotation": annotation("title")}),)
)


def records(content: str, **speaker: Any) -> list[tuple[str, dict[str, Any]]]:
    """What is labelled in it."""
    return [(one.action, one.values) for one in labelled_records(said(content, **speaker), SCHEMA)]


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("Book: title Dune; author: Frank Herbert; pages = 412", {"title": "Dune", "author": "Frank Herbert",
                                                                  "pages": "412"}),
        ("Here it is.\n- book: title: Dune, tags: sand, spice; read on: 2026-01-02.",
         {"title": "Dune", "tags": ["sand", "spice"], "read_on": "2026-01-02"}),
        ("book:\n  title: Dune\n  author: Frank Herbert\n\nIt is good.", {"title": "Dune", "author": "Frank Herbert"}),
        ("book: title Dune\nI like it.", {"title": "Dune"}),
    ],
)  # fmt: skip
def test_a_record_is_read_from_its_labels(content: str, values: dict[str, Any]) -> None:
    assert records(content) == [("create", values)]


def test_a_labelled_record_can_be_forgotten_and_others_are_left_alone() -> None:
    assert records("Forget the book: title Dune") == [("delete", {"title": "Dune"})]
    for content in ("I read a book: it was good", "The book Dune: title page torn", "notebook: title Dune", "book:"):
        assert records(content) == []
    assert records("book: title Dune", role="assistant") == []
    assert labelled_records(said("book: title Dune"), None) == ()


@given(st.text("bok: title\n;,=author Dune-"))
def test_spans_of_labelled_records_lie_within_the_text(content: str) -> None:
    for one in labelled_records(said(content), SCHEMA):
        assert 0 <= one.start < one.end <= len(content)
        assert one.content == content[one.start : one.end]


def test_a_model_is_told_of_the_classes_and_bound_to_them() -> None:
    system, _ = question(said("Hello"), schema_in_words=False, own=SCHEMA)
    assert "A book that the user reads or owns." in system.content
    assert "read_on (ISO date)" in system.content
    own = json.loads(json.dumps(output_schema(SCHEMA)))["properties"]["memories"]["items"]["anyOf"][-1]
    assert own["properties"]["memory_class"]["enum"] == ["book"]
    assert own["properties"]["values"]["properties"]["genre"] == {"type": "string", "enum": ["novel", "essay", ""]}
    assert prompt_hash(SCHEMA) != prompt_hash()


def answered(values: object, memory_class: str = "book") -> list[dict[str, Any]]:
    """The values that are believed of a model's answer."""
    item = {"action": "create", "memory_class": memory_class, "values": values, "content": "Ann reads Dune.",
            "confidence": 0.9, "quote": "reading Dune"}  # fmt: skip
    answer = ChatAnswer(json.dumps({"memories": [item]}))
    return [dict(one.values) for one in read_answer(answer, said("I am reading Dune."), SCHEMA).statements]


def test_what_a_model_answers_is_believed_as_far_as_it_identifies_something() -> None:
    assert answered({"title": " Dune ", "author": "", "tags": ["sand"]}) == [{"title": "Dune", "tags": ["sand"]}]
    assert answered({"author": "Frank Herbert"}) == []
    assert answered({"title": {"nested": "Dune"}}) == []
    assert answered({"title": "Dune"}, "boat") == []
