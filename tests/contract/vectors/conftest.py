"""One suite for every vector store: in memory, in PostgreSQL, in Qdrant."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.testing.qdrant_source import QdrantSource, qdrant_source
from mneme_common.testing.vectors import InMemoryVectorStore
from tests.contract.vectors.points import DIMENSION, MODEL, Store
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.report import note_server


@pytest.fixture(scope="session")
def qdrant(pytestconfig: pytest.Config) -> Iterator[QdrantSource]:
    """The Qdrant of this run; which one it is stands at the end of the test report."""
    source = qdrant_source()
    note_server(pytestconfig, "Qdrant", source.origin)
    yield source
    source.stop()


@pytest.fixture(params=["memory", "pgvector", "qdrant"])
async def empty_store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """A store that knows no model."""
    if request.param == "memory":
        yield InMemoryVectorStore()
    elif request.param == "pgvector":
        async with _pgvector(request.getfixturevalue("database")) as store:
            yield store
    else:
        source: QdrantSource = request.getfixturevalue("qdrant")
        qdrant_store = source.store(f"t{uuid.uuid4().hex[:12]}")
        yield qdrant_store
        await qdrant_store.disconnect()


@pytest.fixture
async def store(empty_store: Store) -> Store:
    """A store in which MODEL is registered and nothing is stored."""
    await empty_store.register(MODEL, DIMENSION)
    return empty_store


@asynccontextmanager
async def _pgvector(database: MnemeDatabase) -> AsyncIterator[PgvectorStore]:
    pool = Database(database.writer_url, name="test", size=2)
    await pool.open()
    for tenant_id in ("acme", "globex"):  # whoever has vectors has a ledger
        async with pool.transaction([tenant_id]) as connection:
            await connection.execute("INSERT INTO heads (tenant_id, user_id) VALUES (%s, 'ada')", (tenant_id,))
    yield PgvectorStore(pool)
    await pool.close()
