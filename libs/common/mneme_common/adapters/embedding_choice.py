"""The embedding model that a choice names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.vector_indexes import FASTEMBED, WORDLLAMA, ModelChoice
from mneme_common.settings.embedding import EmbeddingSettings

if TYPE_CHECKING:
    from mneme_common.adapters.embedding_fastembed import FastEmbedModel
    from mneme_common.adapters.embedding_openai import OpenAIEmbeddings


@asynccontextmanager
async def embedding_model_of(
    settings: EmbeddingSettings, choice: ModelChoice | None = None, *, patience: float = 30.0, retries: int = 2
) -> AsyncIterator[WordLlamaModel | FastEmbedModel | OpenAIEmbeddings]:
    """The model, not open yet: its first ``embed`` opens it, or ``open``. ``patience`` is seconds a request.

    Without a choice it is the one that the settings name; keys and addresses are always theirs. Raises PermanentError
    when they lack what the choice needs.
    """
    chosen = choice or settings.embedding_choice
    if chosen.embedder == WORDLLAMA:
        yield WordLlamaModel()
        return
    if chosen.embedder == FASTEMBED:
        from mneme_common.adapters.embedding_fastembed import FastEmbedModel  # noqa: PLC0415

        yield FastEmbedModel(chosen.model, settings.fastembed_models, max_bytes=settings.embedding_max_bytes)
        return
    if settings.openai_api_key is None and settings.openai_base_url is None:
        raise PermanentError("no_credentials", "set OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys")
    # Importing its client takes a second, which whoever does not use it should not wait for.
    from mneme_common.adapters.embedding_openai import OpenAIEmbeddings  # noqa: PLC0415

    key = settings.openai_api_key
    model = OpenAIEmbeddings.connect(
        chosen.model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        dimensions=chosen.dimensions,
        max_bytes=settings.embedding_max_bytes,
        timeout=patience,
        retries=retries,
    )
    try:
        yield model
    finally:
        await model.disconnect()
