"""Extractor and resolver share no code, but what one fills the other has to find by."""

from __future__ import annotations

import pytest

from mneme_extractor.decide import memory_classes as filled
from mneme_resolver.decide import classes as resolved


def test_both_speak_of_the_same_version_of_the_schema() -> None:
    assert filled.SCHEMA_VERSION == resolved.SCHEMA_VERSION


def test_both_know_the_same_classes_by_name() -> None:
    assert set(filled.ALL_CLASSES) == set(resolved.CLASSES)


@pytest.mark.parametrize("name", filled.ALL_CLASSES)
def test_every_field_that_identifies_or_is_searched_is_filled(name: str) -> None:
    fields = {"subject", *filled.ALL_CLASSES[name].fields}
    assert set(resolved.CLASSES[name].identity) <= fields
    assert set(resolved.CLASSES[name].searchable) <= fields


@pytest.mark.parametrize("name", filled.ALL_CLASSES)
def test_a_deletion_names_what_the_resolver_identifies_by(name: str) -> None:
    assert set(resolved.CLASSES[name].identity) - {"subject"} == set(filled.ALL_CLASSES[name].identity)
