"""FastEmbed: ONNX models that run in this process, downloaded once or laid down beforehand. An optional extra."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.text import first_bytes
from mneme_common.domain.vector_indexes import FASTEMBED, ModelChoice
from mneme_common.domain.vectors import Vectors, normalised

if TYPE_CHECKING:
    from fastembed import TextEmbedding

MAX_BYTES = 8_000
"""What is read of a text; a model takes its first few hundred tokens of that."""


class FastEmbedModel:
    """An EmbeddingModel. ``models`` is where downloads are kept, and where a model's folder is looked for first.

    ``open`` loads the model: PermanentError when the extra is not installed or the model unknown, DependencyError
    when it cannot be downloaded. Texts are embedded one by one: padded to the longest of a batch, a text's vector
    would depend on its neighbours.
    """

    def __init__(self, model: str, models: Path, *, threads: int | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.name = ModelChoice(FASTEMBED, model).name
        self._model_name = model
        self._models = models
        self._threads = threads
        self._max_bytes = max_bytes
        self._model: TextEmbedding | None = None
        self._dimension: int | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Loads the model, once."""
        async with self._opening:
            if self._dimension is None:
                self._model = await asyncio.to_thread(self._load)
                self._dimension = (await asyncio.to_thread(self._embed, self._model, ["dimension"])).shape[1]

    @property
    def dimension(self) -> int:
        """That of the first vector."""
        if self._dimension is None:
            raise RuntimeError("the model has not been opened")
        return self._dimension

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See EmbeddingModel; in a thread."""
        await self.open()
        if self._model is None or not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return await asyncio.to_thread(self._embed, self._model, [first_bytes(text, self._max_bytes) for text in texts])

    def _embed(self, model: TextEmbedding, texts: Sequence[str]) -> Vectors:
        rows = np.stack([np.asarray(row, dtype=np.float32) for row in model.embed(list(texts), batch_size=1)])
        return normalised(rows)

    def _load(self) -> TextEmbedding:
        try:
            # Here rather than above: it is an extra, and importing it takes a second.
            from fastembed import TextEmbedding  # noqa: PLC0415
        except ImportError as error:
            raise not_installed() from error
        known = {str(model["model"]) for model in TextEmbedding.list_supported_models()}
        require_known(self._model_name, known)
        try:
            return TextEmbedding(self._model_name, threads=self._threads, **where(self._models, self._model_name))
        except Exception as error:
            raise DependencyError(f"{self.name} cannot be loaded: {error}") from error


def not_installed() -> PermanentError:
    """What to do about a missing extra."""
    return PermanentError("fastembed_missing", "install the extra: pip install 'mneme-common[fastembed]'")


def require_known(model: str, known: set[str]) -> None:
    """Raises PermanentError for a model that FastEmbed does not know."""
    if model not in known:
        raise PermanentError("unknown_model", f"FastEmbed knows no {model}; it knows {', '.join(sorted(known))}")


def where(models: Path, model: str) -> dict[str, Any]:
    """Where FastEmbed finds a model: in a folder of its name, else where downloads are kept."""
    folder = models.expanduser() / model
    found = {"cache_dir": str(models.expanduser())}
    return found | ({"specific_model_path": str(folder)} if folder.is_dir() else {})
