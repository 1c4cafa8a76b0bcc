"""A query as a vector, in bounded time; without one, searches go on by words."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import structlog

from mneme_common.domain.vectors import EmbeddingModel, Vector
from mneme_gateway.search.embeddings import AWAY


@dataclass(frozen=True, slots=True)
class QueryVector:
    """``vector`` is None when no word of the query is known to the model, and when the model ``is_away``."""

    vector: Vector | None
    is_away: bool
    embedding_ms: float


async def query_vector(model: EmbeddingModel, text: str, patience_seconds: float) -> QueryVector:
    """Embeds the text; an error of the model ends no search."""
    started = time.perf_counter()
    vector, is_away = None, False
    try:
        async with asyncio.timeout(patience_seconds):
            row = (await model.embed([text]))[0]
        vector = row if row.any() else None
    except AWAY as error:
        is_away = True
        reason = str(error) or type(error).__name__
        structlog.get_logger("mneme.gateway").warning("search without vectors", reason=reason)
    return QueryVector(vector, is_away, (time.perf_counter() - started) * 1000)
