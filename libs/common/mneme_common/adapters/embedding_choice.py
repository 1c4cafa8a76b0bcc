"""The embedding model that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.settings.embedding import EmbeddingSettings

if TYPE_CHECKING:
    from mneme_common.adapters.embedding_openai import OpenAIEmbeddings


@asynccontextmanager
async def embedding_model_of(
    settings: EmbeddingSettings, *, patience: float = 30.0, retries: int = 2
) -> AsyncIterator[WordLlamaModel | OpenAIEmbeddings]:
    """The model, not open yet: its first ``embed`` opens it, or ``open``. ``patience`` is seconds a request."""
    if settings.embedder == "wordllama":
        yield WordLlamaModel()
        return
    # Importing its client takes a second, which whoever does not use it should not wait for.
    from mneme_common.adapters.embedding_openai import OpenAIEmbeddings  # noqa: PLC0415

    key = settings.openai_api_key
    model = OpenAIEmbeddings.connect(
        settings.embedding_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        dimensions=settings.embedding_dimensions,
        max_bytes=settings.embedding_max_bytes,
        timeout=patience,
        retries=retries,
    )
    try:
        yield model
    finally:
        await model.disconnect()
