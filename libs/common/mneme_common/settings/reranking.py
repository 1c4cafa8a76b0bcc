"""Which model reads the candidates of a search a second time, if any."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from mneme_common.settings.embedding import EmbeddingSettings

_DEFAULT_MODELS = {"none": "", "fastembed": "Xenova/ms-marco-MiniLM-L-6-v2", "openai": "gpt-4o-mini"}


class RerankingSettings(EmbeddingSettings):
    """``rerank_seconds`` is how long a search waits for it before it keeps the order of the first stage.

    Keys and addresses are those of the embedding model, models of FastEmbed lie where its other models do.
    """

    reranker: Literal["none", "fastembed", "openai"] = "none"
    rerank_model: str | None = None
    rerank_seconds: float = Field(default=5.0, gt=0)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.reranker == "openai" and self.openai_api_key is None and self.openai_base_url is None:
            raise ValueError("MNEME_RERANKER=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys")
        return self

    @property
    def reranking_model(self) -> str:
        """The model that is named, else the default of its kind."""
        return self.rerank_model or _DEFAULT_MODELS[self.reranker]
