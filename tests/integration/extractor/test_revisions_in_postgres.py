"""How recorded revisions stand, asked of a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.decide.standing import RevisionKey, Standing
from mneme_extractor.store.revision_rows import RevisionRows
from tests.fixtures.databases import MnemeDatabase
from tests.integration.extractor.log import TENANT, USER, write_messages
from tests.unit.extractor.speech import recorded

_EXTRACTED = (
    "INSERT INTO extractions (tenant_id, user_id, source_event_id, schema_version, run, message_id, revision,"
    " extractor, usage, proposals, event_id, seq, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, 1, 'rules-1', '{}', 0, %s, 9, now())"
)


@pytest.fixture
async def pool(database: MnemeDatabase) -> AsyncIterator[Database]:
    """A pool as the role of the workers."""
    opened = Database(database.writer_url, name="test", size=2)
    await opened.open()
    yield opened
    await opened.close()


def _key(message: MessageRecorded, *, tenant: str = TENANT, user: str = USER) -> RevisionKey:
    return RevisionKey(tenant, user, message.message_id, message.event_id)


async def _standing(pool: Database, key: RevisionKey) -> Standing:
    return (await RevisionRows(pool).standings([key], SCHEMA_VERSION))[key]


async def _note_extraction(pool: Database, message: MessageRecorded, *, run: str = "live") -> None:
    async with pool.transaction([TENANT]) as connection:
        values = (TENANT, USER, message.event_id, SCHEMA_VERSION, run, message.message_id, message.event_id)
        await connection.execute(_EXTRACTED, values)


async def test_a_current_revision_without_extraction_is_open(pool: Database) -> None:
    message = recorded("x")
    await write_messages(pool, [message])
    assert await _standing(pool, _key(message)) is Standing.OPEN


async def test_a_revision_is_extracted_once_its_row_says_so(pool: Database) -> None:
    message = recorded("x")
    await write_messages(pool, [message])
    await _note_extraction(pool, message)
    assert await _standing(pool, _key(message)) is Standing.EXTRACTED


async def test_an_extraction_of_another_run_or_schema_does_not_count(pool: Database) -> None:
    message = recorded("x")
    await write_messages(pool, [message])
    await _note_extraction(pool, message, run="again")
    assert await _standing(pool, _key(message)) is Standing.OPEN
    await _note_extraction(pool, message)
    key = _key(message)
    assert (await RevisionRows(pool).standings([key], "other-1"))[key] is Standing.OPEN


async def test_a_revision_that_was_closed_or_replaced_is_gone(pool: Database) -> None:
    closed, replaced = recorded("x", number=1), recorded("y", number=2)
    await write_messages(pool, [closed, replaced])
    async with pool.transaction([TENANT]) as connection:
        await connection.execute("UPDATE messages SET to_seq = 5 WHERE message_id = %s", (closed.message_id,))
        await connection.execute(
            "UPDATE messages SET event_id = gen_random_uuid() WHERE message_id = %s", (replaced.message_id,)
        )
    assert await _standing(pool, _key(closed)) is Standing.GONE
    assert await _standing(pool, _key(replaced)) is Standing.GONE


async def test_another_tenants_or_users_revision_is_not_seen(pool: Database) -> None:
    message = recorded("x")
    await write_messages(pool, [message])
    assert await _standing(pool, _key(message, tenant="other")) is Standing.GONE
    assert await _standing(pool, _key(message, user="bob")) is Standing.GONE


async def test_a_batch_is_answered_in_full_and_nothing_is_asked_for_none(pool: Database) -> None:
    messages = [recorded("x", number=number) for number in range(1, 4)]
    await write_messages(pool, messages[:2])
    await _note_extraction(pool, messages[0])
    keys = [_key(message) for message in messages]
    found = await RevisionRows(pool).standings(keys, SCHEMA_VERSION)
    assert [found[key] for key in keys] == [Standing.EXTRACTED, Standing.OPEN, Standing.GONE]
    assert await RevisionRows(pool).standings([], SCHEMA_VERSION) == {}
