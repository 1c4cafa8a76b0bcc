"""Which language model to ask: read alike by whoever extracts, reflects and chats."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelSettings(BaseSettings):
    """``llm_timeout_seconds`` bounds one request, ``llm_attempts`` how often it is made before a model counts as away.

    A server without keys is named by its URL alone.
    """

    model_config = SettingsConfigDict(env_prefix="MNEME_", env_ignore_empty=True, extra="ignore")

    llm_model: str = "gpt-4o-mini"
    llm_timeout_seconds: float = Field(default=60.0, gt=0)
    llm_attempts: int = Field(default=4, ge=1, le=10)
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )

    @property
    def model_key(self) -> str | None:
        """The key in the clear."""
        return self.openai_api_key.get_secret_value() if self.openai_api_key else None
