"""Which model makes vectors and which store keeps them: read alike by whoever writes vectors and whoever searches."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mneme_common.domain.vector_indexes import DEFAULT_MODELS, OPENAI, WORDLLAMA, WORDLLAMA_NAME, ModelChoice


class EmbeddingSettings(BaseSettings):
    """Which model makes vectors when there are none yet; later on it is the one whose vectors are stored.

    ``embedding_model`` and ``embedding_dimensions`` are not for wordllama, which is one model only.
    ``fastembed_models`` keeps the models of FastEmbed: downloads, and folders that somebody has laid there by a model's
    name. ``embedding_max_bytes`` is what is embedded of a long text; lower it for models that take fewer than 8,191
    tokens.
    """

    model_config = SettingsConfigDict(env_prefix="MNEME_", env_ignore_empty=True, extra="ignore")

    vector_store: Literal["pgvector", "qdrant"] = "pgvector"
    qdrant_url: str | None = None
    qdrant_api_key: SecretStr | None = None
    embedder: Literal["wordllama", "openai", "fastembed"] = "wordllama"
    embedding_model: str | None = None
    embedding_dimensions: int | None = Field(default=None, ge=1)
    embedding_max_bytes: int = Field(default=8_000, ge=64)
    fastembed_models: Path = Path("~/.cache/mneme/models")
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.vector_store == "qdrant" and self.qdrant_url is None:
            raise ValueError("MNEME_VECTOR_STORE=qdrant needs MNEME_QDRANT_URL")
        if self.embedder != OPENAI and self.embedding_dimensions is not None:
            raise ValueError(
                "MNEME_EMBEDDING_DIMENSIONS is for MNEME_EMBEDDER=openai: other models cannot shorten vectors"
            )
        if self.embedder == OPENAI and self.openai_api_key is None and self.openai_base_url is None:
            raise ValueError("MNEME_EMBEDDER=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys")
        return self

    @property
    def embedding_choice(self) -> ModelChoice:
        """The model that these settings name."""
        if self.embedder == WORDLLAMA:
            return ModelChoice(WORDLLAMA, WORDLLAMA_NAME)
        model = self.embedding_model or DEFAULT_MODELS[self.embedder]
        return ModelChoice(self.embedder, model, self.embedding_dimensions)

    @property
    def embedding_model_name(self) -> str:
        """What its vectors are filed under, in every table and store."""
        return self.embedding_choice.name
