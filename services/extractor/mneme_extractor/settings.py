"""Settings of the extractor."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from mneme_common.settings.model import ModelSettings
from mneme_common.settings.worker import WorkerSettings


class ExtractorSettings(WorkerSettings, ModelSettings):
    """``extractor`` unset means the model when there is an API key, else the rules.

    ``llm_max_characters`` is the longest part of a message in one request. ``extractor_concurrency`` is how many
    messages, of different users, are read at a time. ``llm_answers_kept`` is how many answers are kept of each tenant,
    and for how many days at most: the same question is then not paid for again.
    """

    extractor: Literal["rules", "openai"] | None = None
    extractor_concurrency: int = Field(default=8, ge=1, le=256)
    llm_max_characters: int = Field(default=12_000, ge=200)
    llm_answers_kept: int = Field(default=20_000, ge=1)
    llm_answers_kept_days: int = Field(default=30, ge=1, le=3_650)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.extractor == "openai" and self.openai_api_key is None and self.openai_base_url is None:
            raise ValueError("MNEME_EXTRACTOR=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys")
        return self

    @property
    def uses_model(self) -> bool:
        """Whether messages are read by a model."""
        return self.openai_api_key is not None if self.extractor is None else self.extractor == "openai"

    @property
    def knows_model(self) -> bool:
        """Whether a model could be asked."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def longest_reading_seconds(self) -> float:
        """How long reading one message may take, with its repair and all retries."""
        return 2 * self.llm_attempts * (self.llm_timeout_seconds + 31.0) + 30.0

    @property
    def messages_in_hand(self) -> int:
        """The size of a batch: small with a model, so that what it found is soon on the log."""
        return min(self.batch_size, 4 * self.extractor_concurrency) if self.uses_model else self.batch_size
