"""What the later stages lack, told from PostgreSQL alone (guarantee 6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MemoryChanged
from mneme_common.contracts.commands import DeleteMemory, ProposeMemories, StoreMemory, UpdateMessage
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.store.catch_up import CatchUp
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import Rows, event, said


class Pipeline:
    """A store, what it owes, and the marks of the later stages."""

    def __init__(self, connected: Database, database: MnemeDatabase) -> None:
        keys = subject_keys()
        self.store = PostgresEventStore(
            database=connected, keys=keys, clock=lambda: datetime.now(UTC), checkpoint=ignore
        )
        self.catch_up = CatchUp(connected)
        self.rows = Rows(database)
        self._url = database.superuser_url

    async def apply(self, *events: ResolverEvent) -> None:
        """Applies, emits and marks."""
        await self.store.apply(events)
        await self.store.mark_emitted(events)

    async def owed(self) -> list[str]:
        """The types of the changes that would be emitted again, in order."""
        return [
            type(change).__name__ async for page in self.catch_up.changes() for _, changes in page for change in changes
        ]

    def run(self, statement: str) -> None:
        """Does what another stage would do."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def index_everything(self) -> None:
        """As the embedder does, points of later revisions included."""
        self.run(
            "INSERT INTO indexed (tenant_id, user_id, model, point_id, content_hash)"
            " SELECT tenant_id, user_id, 'm', message_id, '' FROM messages WHERE revision = 1"
        )


@pytest.fixture
async def pipeline(database: MnemeDatabase) -> AsyncIterator[Pipeline]:
    """On a database of its own."""
    connected = Database(database.writer_url, name="test", by_key=True)
    await connected.open()
    yield Pipeline(connected, database)
    await connected.close()


def read(source: ResolverEvent, message_id: object) -> ResolverEvent:
    """The extraction of a message that found nothing."""
    data = {"message_id": message_id, "revision": 1, "source_event_id": source.event_id}
    return event(ProposeMemories.model_validate(data | {"extractor": "rules", "schema_version": "default-1"}))


async def test_a_message_is_owed_until_it_is_extracted_and_indexed(pipeline: Pipeline) -> None:
    """Also when its change was emitted: the log that held it may be gone."""
    source = event(said("hello"))
    await pipeline.apply(source)
    assert await pipeline.owed() == ["MessageRecorded"]
    await pipeline.apply(read(source, pipeline.rows.value("SELECT message_id FROM messages")))
    assert await pipeline.owed() == ["MessageRecorded"]
    pipeline.index_everything()
    assert await pipeline.owed() == []


async def test_changes_that_were_never_marked_are_owed(pipeline: Pipeline) -> None:
    """Whatever the later stages have."""
    source = event(said("hello"))
    await pipeline.store.apply([source])
    await pipeline.store.apply([read(source, pipeline.rows.value("SELECT message_id FROM messages"))])
    pipeline.index_everything()
    assert await pipeline.owed() == ["MessageRecorded"]
    await pipeline.catch_up.finished()
    assert await pipeline.owed() == []


async def test_what_waits_for_its_re_drive_is_not_owed_to_that_stage(pipeline: Pipeline) -> None:
    """The other stage still gets it."""
    await pipeline.apply(event(said("hello")))
    pipeline.run(
        'INSERT INTO dead_letters (letter_id, tenant_id, user_id, stage, topic, incarnation, partition, "offset",'
        " event_id, reason, detail, attempts, headers, buried_at)"
        " SELECT event_id, tenant_id, user_id, 'extractor', 't', 'i', 0, 0, event_id, 'r', 'd', 1, '[]', now()"
        " FROM ledger"
    )
    assert await pipeline.owed() == ["MessageRecorded"]
    pipeline.index_everything()
    assert await pipeline.owed() == []


async def test_a_later_revision_is_owed_under_its_own_point(pipeline: Pipeline) -> None:
    """The vector of the first revision does not stand for the second."""
    source = event(said("draft"))
    await pipeline.apply(source)
    message_id = pipeline.rows.value("SELECT message_id FROM messages")
    pipeline.index_everything()
    await pipeline.apply(read(source, message_id), event(UpdateMessage(message_id=message_id, metadata={"a": 1})))
    assert await pipeline.owed() == ["MessageChanged", "MessageRecorded"]


async def test_memories_are_owed_as_they_were_written(pipeline: Pipeline) -> None:
    """Created, updated and forgotten, with the text of each version and none of the tombstone's."""
    notes = [StoreMemory(content=text, kind=Kind.FACT, memory_type=MemoryType.SEMANTIC, key="k") for text in "ab"]
    first, second = event(notes[0]), event(notes[1])
    await pipeline.store.apply([first, second])
    memory_id = pipeline.rows.value("SELECT memory_id FROM memories WHERE to_seq IS NULL")
    await pipeline.store.apply([event(DeleteMemory(memory_id=memory_id))])
    owed = [
        (change.change, change.content)
        async for page in pipeline.catch_up.changes()
        for _, changes in page
        for change in changes
        if isinstance(change, MemoryChanged)
    ]
    assert owed == [("created", "a"), ("updated", "b"), ("deleted", None)]
