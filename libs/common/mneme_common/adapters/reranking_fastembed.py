"""A cross-encoder that runs in this process: FastEmbed's TextCrossEncoder. An optional extra."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mneme_common.adapters.embedding_fastembed import not_installed, require_known, where
from mneme_common.domain.failures import DependencyError, PermanentError

if TYPE_CHECKING:
    from fastembed.rerank.cross_encoder import TextCrossEncoder

_AT_ONCE = 16
_LARGEST = 60.0  # beyond that a logistic function is 1 or 0 anyway


class CrossEncoder:
    """A Reranker. Its model is loaded by the first call; a search that does not wait for that leaves it loading."""

    def __init__(self, model: str, models: Path, *, threads: int | None = None) -> None:
        self.name = f"fastembed/{model}"
        self._model_name = model
        self._models = models
        self._threads = threads
        self._loading: asyncio.Task[TextCrossEncoder] | None = None
        self._reading = asyncio.Semaphore(1)

    async def scores(self, tenant_id: str, query: str, texts: Sequence[str]) -> Sequence[float]:  # noqa: ARG002  (the port)
        """See Reranker: the logistic function of the model's score."""
        model = await self._loaded()
        async with self._reading:
            raw = await asyncio.to_thread(lambda: list(model.rerank(query, list(texts), batch_size=_AT_ONCE)))
        if len(raw) != len(texts) or not all(map(math.isfinite, raw)):
            raise PermanentError("reranking_invalid", f"{self.name} gave {len(raw)} scores for {len(texts)} texts")
        return [_logistic(float(score)) for score in raw]

    async def _loaded(self) -> TextCrossEncoder:
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        return await asyncio.shield(self._loading)

    def _load(self) -> TextCrossEncoder:
        try:
            # Here rather than above: it is an extra, and importing it takes a second.
            from fastembed.rerank.cross_encoder import TextCrossEncoder  # noqa: PLC0415
        except ImportError as error:
            raise not_installed() from error
        require_known(self._model_name, {str(model["model"]) for model in TextCrossEncoder.list_supported_models()})
        try:
            return TextCrossEncoder(self._model_name, threads=self._threads, **where(self._models, self._model_name))
        except Exception as error:
            raise DependencyError(f"{self.name} cannot be loaded: {error}") from error


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-min(max(score, -_LARGEST), _LARGEST)))
