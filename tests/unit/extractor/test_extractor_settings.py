"""Which extractor the settings choose, and how much it takes in hand."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mneme_extractor.settings import ExtractorSettings

_CHOOSING = ("MNEME_EXTRACTOR", "OPENAI_API_KEY", "OPENAI_BASE_URL", "MNEME_BATCH_SIZE", "MNEME_EXTRACTOR_CONCURRENCY")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with a database and nothing that chooses."""
    for name in _CHOOSING:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MNEME_WRITER_DATABASE_URL", "postgresql://writer@localhost/mneme")
    return monkeypatch


def test_without_a_key_the_rules_extract_in_whole_batches(bare: pytest.MonkeyPatch) -> None:
    settings = ExtractorSettings()
    assert not settings.uses_model
    assert settings.messages_in_hand == settings.batch_size == 500


def test_with_a_key_the_model_extracts_in_small_batches(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    bare.setenv("MNEME_EXTRACTOR_CONCURRENCY", "4")
    settings = ExtractorSettings()
    assert settings.uses_model
    assert settings.messages_in_hand == 16
    assert "sk-test" not in repr(settings)


def test_the_rules_can_be_chosen_although_there_is_a_key(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    bare.setenv("MNEME_EXTRACTOR", "rules")
    assert not ExtractorSettings().uses_model


def test_a_server_of_ones_own_needs_no_key_but_must_be_chosen(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")
    assert not ExtractorSettings().uses_model
    bare.setenv("MNEME_EXTRACTOR", "openai")
    assert ExtractorSettings().uses_model


def test_a_model_without_key_and_address_is_refused(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("MNEME_EXTRACTOR", "openai")
    with pytest.raises(ValidationError, match="OPENAI_API_KEY"):
        ExtractorSettings()
