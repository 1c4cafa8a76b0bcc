"""Which model and which store the environment names, and what it must not leave out."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mneme_common.adapters.embedding_choice import embedding_model_of
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_choice import vector_store_of
from mneme_common.settings.embedding import EmbeddingSettings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No variable of ours or of OpenAI's is set."""
    for name in ("VECTOR_STORE", "QDRANT_URL", "QDRANT_API_KEY", "EMBEDDER", "EMBEDDING_MODEL", "EMBEDDING_DIMENSIONS"):
        monkeypatch.delenv(f"MNEME_{name}", raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


async def test_nothing_needs_to_be_set_for_the_offline_default() -> None:
    settings = EmbeddingSettings()
    database = Database("postgresql://nobody@/nowhere", name="test")
    async with embedding_model_of(settings) as model, vector_store_of(settings, database) as store:
        assert (model.name, type(store).__name__) == (settings.embedding_model_name, "PgvectorStore")


async def test_openai_and_qdrant_are_chosen_by_name(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("MNEME_EMBEDDER", "openai")
    bare_environment.setenv("MNEME_VECTOR_STORE", "qdrant")
    bare_environment.setenv("MNEME_QDRANT_URL", "http://127.0.0.1:1")
    bare_environment.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    settings = EmbeddingSettings()
    database = Database("postgresql://nobody@/nowhere", name="test")
    async with embedding_model_of(settings) as model, vector_store_of(settings, database) as store:
        assert (model.name, type(store).__name__) == ("openai/text-embedding-3-small", "QdrantStore")
        assert model.name == settings.embedding_model_name


def test_a_shortened_model_has_a_name_of_its_own(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("MNEME_EMBEDDER", "openai")
    bare_environment.setenv("OPENAI_API_KEY", "key")
    bare_environment.setenv("MNEME_EMBEDDING_MODEL", "large")
    bare_environment.setenv("MNEME_EMBEDDING_DIMENSIONS", "256")
    assert EmbeddingSettings().embedding_model_name == "openai/large@256"


@pytest.mark.parametrize(
    ("variable", "value", "missing"),
    [("MNEME_VECTOR_STORE", "qdrant", "MNEME_QDRANT_URL"), ("MNEME_EMBEDDER", "openai", "OPENAI_API_KEY")],
)
def test_what_a_choice_needs_is_named_when_it_is_missing(
    bare_environment: pytest.MonkeyPatch, variable: str, value: str, missing: str
) -> None:
    bare_environment.setenv(variable, value)
    with pytest.raises(ValidationError, match=missing):
        EmbeddingSettings()
