"""The vector store that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.settings.embedding import EmbeddingSettings

if TYPE_CHECKING:
    from mneme_common.adapters.vectors_qdrant import QdrantStore


@asynccontextmanager
async def vector_store_of(
    settings: EmbeddingSettings, database: Database
) -> AsyncIterator[PgvectorStore | QdrantStore]:
    """The store; with pgvector it works as the role of ``database``."""
    if settings.vector_store == "pgvector" or settings.qdrant_url is None:
        yield PgvectorStore(database)
        return
    # Importing its client takes a second, which whoever does not use it should not wait for.
    from mneme_common.adapters.vectors_qdrant import QdrantStore  # noqa: PLC0415

    key = settings.qdrant_api_key
    store = QdrantStore.connect(settings.qdrant_url, key.get_secret_value() if key else None)
    try:
        yield store
    finally:
        await store.disconnect()
