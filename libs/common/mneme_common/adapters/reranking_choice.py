"""The second stage that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mneme_common.contracts.commands import Usage
from mneme_common.domain.reranking import Reranker
from mneme_common.settings.reranking import RerankingSettings


@asynccontextmanager
async def reranker_of(
    settings: RerankingSettings, spent: Callable[[str, Usage], None]
) -> AsyncIterator[Reranker | None]:
    """The reranker, None when there is to be none. ``spent`` is told of a language model's tokens."""
    if settings.reranker == "none":
        yield None
        return
    if settings.reranker == "fastembed":
        # Both choices cost memory that whoever has no second stage should not pay.
        from mneme_common.adapters.reranking_fastembed import CrossEncoder  # noqa: PLC0415

        yield CrossEncoder(settings.reranking_model, settings.fastembed_models)
        return
    from mneme_common.adapters.chat_endpoint import chat_endpoint  # noqa: PLC0415
    from mneme_common.adapters.reranking_openai import ModelReranker  # noqa: PLC0415

    key = settings.openai_api_key
    async with chat_endpoint(
        model=settings.reranking_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        limit_seconds=settings.rerank_seconds,
        attempts=1,
        spent=spent,
        doing="reranking",
    ) as endpoint:
        yield ModelReranker(endpoint)
