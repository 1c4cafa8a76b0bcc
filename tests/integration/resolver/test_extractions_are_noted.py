"""Each revision is read once in a run: of several extractions, in whatever commands, the first applied counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import EventFailed, MessageRecorded
from mneme_common.contracts.commands import NoteExtractions, Proposal, ProposeMemories, ReadRevision
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import Rows, event, said

_TEA = Proposal(
    action="create",
    memory_class="preference",
    values={"subject": "user", "topic": "tea", "polarity": "likes"},
    content="The user likes tea.",
    confidence=0.9,
)


@pytest.fixture
async def store(database: MnemeDatabase) -> AsyncIterator[PostgresEventStore]:
    """The store as the resolver's main puts it together."""
    connected = Database(database.writer_url, name="test", by_key=True)
    await connected.open()
    keys = subject_keys()
    yield PostgresEventStore(database=connected, keys=keys, clock=lambda: datetime.now(UTC), checkpoint=ignore)
    await connected.close()


async def recorded(store: PostgresEventStore, count: int) -> list[MessageRecorded]:
    """So many messages of one user."""
    applied = await store.apply([event(said(f"message {number}")) for number in range(count)])
    return [change for _, changes in applied for change in changes if isinstance(change, MessageRecorded)]


def note(messages: Sequence[MessageRecorded]) -> ResolverEvent:
    """That nothing was found in these."""
    return event(
        NoteExtractions(
            revisions=[
                ReadRevision(message_id=each.message_id, revision=each.revision, source_event_id=each.event_id)
                for each in messages
            ],
            extractor="rules-1",
            schema_version="default-1",
        )
    )


def proposals(message: MessageRecorded) -> ResolverEvent:
    """That tea was found in it."""
    return event(
        ProposeMemories(
            message_id=message.message_id,
            revision=1,
            source_event_id=message.event_id,
            extractor="rules-1",
            schema_version="default-1",
            proposals=[_TEA],
        )
    )


async def test_a_note_makes_an_extraction_row_for_each_revision(
    store: PostgresEventStore, database: MnemeDatabase
) -> None:
    messages = await recorded(store, 3)
    await store.apply([note(messages)])
    rows = Rows(database).all("SELECT source_event_id, proposals, extractor, seq FROM extractions")
    assert {row["source_event_id"] for row in rows} == {message.event_id for message in messages}
    assert {(row["proposals"], row["extractor"], row["seq"]) for row in rows} == {(0, "rules-1", 4)}


async def test_notes_that_overlap_are_each_applied_as_far_as_they_say_something_new(
    store: PostgresEventStore, database: MnemeDatabase
) -> None:
    """A redelivered batch may be cut otherwise than the first time, in the same poll or in a later one."""
    messages = await recorded(store, 4)
    await store.apply([note(messages[:2]), note(messages[1:3])])
    await store.apply([note(messages[2:]), note(messages)])
    rows = Rows(database)
    assert rows.value("SELECT count(*) FROM extractions") == 4
    outcomes = rows.all(
        "SELECT outcome->>'noted' AS noted FROM ledger WHERE event_type = 'extractions.noted' ORDER BY seq"
    )
    assert [int(row["noted"]) for row in outcomes] == [2, 1, 1, 0]


async def test_what_was_noted_first_stays_empty(store: PostgresEventStore, database: MnemeDatabase) -> None:
    (message,) = await recorded(store, 1)
    await store.apply([note([message])])
    ((_, (failed,)),) = await store.apply([proposals(message)])
    assert isinstance(failed, EventFailed)
    assert failed.status == 409
    assert Rows(database).value("SELECT count(*) FROM memories") == 0
    assert Rows(database).value("SELECT proposals FROM extractions") == 0


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
async def test_what_was_found_first_stays(store: PostgresEventStore, database: MnemeDatabase, together: bool) -> None:
    (message,) = await recorded(store, 1)
    events = [proposals(message), note([message])]
    for batch in [events] if together else [[each] for each in events]:
        await store.apply(batch)
    assert Rows(database).value("SELECT count(*) FROM memories") == 1
    assert Rows(database).value("SELECT proposals FROM extractions") == 1


async def test_a_note_twice_changes_nothing(store: PostgresEventStore, database: MnemeDatabase) -> None:
    noted = note(await recorded(store, 2))
    await store.apply([noted])
    await store.apply([noted])
    assert Rows(database).value("SELECT count(*) FROM extractions") == 2
    assert Rows(database).value("SELECT count(*) FROM ledger") == 3
