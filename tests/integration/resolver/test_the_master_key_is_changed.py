"""A changed master key: nothing is lost before the keys are wrapped anew, and the old one is of no use afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.jobs import EVERY_TENANT, Job, RewrapKeys
from mneme_common.domain.failures import DependencyError
from mneme_resolver.adapters.local_key_wrapper import LocalKeyWrapper
from mneme_resolver.decide.report import Report
from mneme_resolver.handlers import rewrap_keys
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_resolver.store.rewrapping import KeyRewrapping
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, Rows
from tests.integration.replay.ledgers import History

_OLD, _NEW = b"k" * 32, b"n" * 32


@pytest.fixture
async def connected(database: MnemeDatabase) -> AsyncIterator[Database]:
    """The database as the resolver uses it."""
    opened = Database(database.writer_url, name="keys-test")
    await opened.open()
    yield opened
    await opened.close()


async def _replayed(connected: Database, database: MnemeDatabase, master: bytes) -> Report:
    report = Report()
    await Replays(connected, EmptyTables(database.writer_url), subject_keys(master)).tenant(TENANT, report)
    return report


async def _rewrapped(connected: Database, *masters: bytes) -> tuple[object, object]:
    handler = rewrap_keys.RewrapKeys(KeyRewrapping(connected, LocalKeyWrapper(*masters)))
    job_id = uuid4()

    async def emit(_records: object) -> None:
        raise AssertionError("a rewrap emits nothing")

    result = await handler(Job(job_id, "keys.rewrap", EVERY_TENANT, RewrapKeys(job_id=job_id)), emit)
    return result["rewrapped"], result["unreadable"]


async def test_keys_are_wrapped_anew_without_touching_a_payload(connected: Database, database: MnemeDatabase) -> None:
    rows = Rows(database)
    history = History(connected, rows)
    for user in ("ann", "bob"):
        await history.grow(2, user=user)
    payloads = rows.all("SELECT event_id, payload FROM ledger ORDER BY event_id")
    assert await _rewrapped(connected, _NEW) == (0, 2)
    assert await _rewrapped(connected, _NEW, _OLD) == (2, 0)
    assert await _rewrapped(connected, _NEW, _OLD) == (0, 0)
    assert rows.all("SELECT event_id, payload FROM ledger ORDER BY event_id") == payloads
    report = await _replayed(connected, database, _NEW)
    assert (report.users, report.differences) == (2, [])
    with pytest.raises(DependencyError):
        await _replayed(connected, database, _OLD)
