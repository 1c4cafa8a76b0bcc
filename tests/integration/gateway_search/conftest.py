from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from mneme_common.adapters.postgres import Database
from tests.fixtures.databases import MnemeDatabase
from tests.integration.gateway_search.application import Gateway, search_gateway
from tests.integration.gateway_search.written import RecordWriter


@dataclass(frozen=True, slots=True)
class Store:
    """A database as the gateway reads it and as a worker writes it."""

    reader: Database
    writer: Database
    records: RecordWriter


@pytest.fixture
async def store(database: MnemeDatabase) -> AsyncIterator[Store]:
    """An empty database, open for both roles."""
    reader = Database(database.reader_url, name="gateway", size=8)
    writer = Database(database.writer_url, name="resolver", size=4)
    await reader.open()
    await writer.open()
    yield Store(reader, writer, RecordWriter(writer))
    await reader.close()
    await writer.close()


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """The gateway's search over that database, with vectors in memory."""
    async with search_gateway(store.reader) as running:
        yield running
