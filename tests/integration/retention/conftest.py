"""A world of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mneme_common.adapters.postgres import Database
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows
from tests.integration.retention.world import World


@pytest.fixture
async def world(database: MnemeDatabase) -> AsyncIterator[World]:
    """A world with an empty database."""
    connected = Database(database.writer_url, name="retention-test")
    await connected.open()
    yield World(connected, Rows(database))
    await connected.close()
