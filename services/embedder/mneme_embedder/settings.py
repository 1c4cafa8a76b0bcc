"""Settings of the embedder."""

from __future__ import annotations

from pydantic import Field

from mneme_common.settings.embedding import EmbeddingSettings
from mneme_common.settings.worker import WorkerSettings


class EmbedderSettings(WorkerSettings, EmbeddingSettings):
    """``embedding_cache`` keeps vectors of texts that a paid or slow model has embedded, by tenant.

    It does nothing for wordllama, which embeds a text in less time than a row takes to be looked up.
    ``reembed_grace_seconds`` is how long an index is kept after another one has taken its place.
    """

    embedding_cache: bool = True
    reembed_grace_seconds: float = Field(default=60.0, ge=0)
