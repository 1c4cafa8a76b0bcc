"""The resolver's transaction against a real PostgreSQL, as the writer role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import (
    DeleteMemory,
    DeleteMessage,
    Proposal,
    ProposeMemories,
    StoreMemory,
    UpdateMessage,
)
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import Rows, event, said


@pytest.fixture
async def store(database: MnemeDatabase) -> AsyncIterator[PostgresEventStore]:
    """The store as the resolver's main puts it together."""
    connected = Database(database.writer_url, name="test")
    await connected.open()
    keys = subject_keys()
    yield PostgresEventStore(database=connected, keys=keys, clock=lambda: datetime.now(UTC), checkpoint=ignore)
    await connected.close()


def note(content: str, **fields: object) -> StoreMemory:
    """A memory stored on purpose."""
    given = {"content": content, "kind": Kind.FACT, "memory_type": MemoryType.SEMANTIC}
    return StoreMemory.model_validate(given | fields)


async def test_a_message_is_recorded_with_its_ledger_row(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """Effects, ledger row and outcome stand together."""
    said_it = event(said("I live in Berlin"))
    ((_, changes),) = await store.apply([said_it])
    rows = Rows(database)
    (message,) = rows.all("SELECT * FROM messages")
    (ledger,) = rows.all("SELECT * FROM ledger")
    assert message["content"] == "I live in Berlin"
    assert message["importance_score"] == pytest.approx(0.54)
    assert ledger["outcome"]["message_id"] == str(message["message_id"])
    assert b"Berlin" not in bytes(ledger["payload"])
    assert [type(change).__name__ for change in changes] == ["MessageRecorded"]


async def test_the_same_event_twice_changes_nothing(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """In one batch, in two batches, and after its changes were marked as emitted."""
    said_it = event(said("once"), key="k1")
    await store.apply([said_it, said_it])
    again = await store.apply([said_it])
    await store.mark_emitted([said_it])
    marked = await store.apply([said_it])
    assert Rows(database).value("SELECT count(*) FROM messages") == 1
    assert [len(changes) for _, changes in again] == [1]
    assert marked == []


async def test_the_same_id_with_another_body_is_refused(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """The first request wins; the second is told of the conflict."""
    await store.apply([event(said("first"), key="k1")])
    results = await store.apply([event(said("second"), key="k1")])
    failed = [change for _, changes in results for change in changes if type(change).__name__ == "EventFailed"]
    assert [change.status for change in failed] == [409]  # type: ignore[union-attr]
    assert Rows(database).value("SELECT string_agg(content, ',') FROM messages") == "first"


async def test_updates_and_deletes_make_revisions(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """A new revision closes the one before; a deletion closes and leaves nothing current."""
    await store.apply([event(said("draft"))])
    message_id = Rows(database).value("SELECT message_id FROM messages")
    results = await store.apply(
        [
            event(UpdateMessage(message_id=message_id, content="final")),
            event(DeleteMessage(message_id=message_id)),
            event(DeleteMessage(message_id=message_id)),
        ]
    )
    rows = Rows(database).all("SELECT revision, content, from_seq, to_seq FROM messages ORDER BY revision")
    assert [(row["revision"], row["content"], row["to_seq"]) for row in rows] == [(1, "draft", 2), (2, "final", 3)]
    assert type(results[-1][1][0]).__name__ == "EventFailed"


async def test_one_key_makes_one_chain_of_versions_in_one_batch(
    store: PostgresEventStore, database: MnemeDatabase
) -> None:
    """A hundred writes of one fact in one batch: one memory, its versions in order, one of them current."""
    await store.apply([event(note(f"lives in city {number}", key="residence")) for number in range(100)])
    rows = Rows(database).all("SELECT root_id, version, to_seq, status FROM memories ORDER BY version")
    assert [row["version"] for row in rows] == list(range(1, 101))
    assert len({row["root_id"] for row in rows}) == 1
    assert [row["status"] for row in rows if row["to_seq"] is None] == ["active"]


async def test_the_same_text_is_kept_once_and_confirmed(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """Who says the same again confirms it; no version is written (S4-05)."""
    await store.apply([event(note("Likes tea")), event(note("likes  TEA"))])
    await store.apply([event(note("Likes tea"))])
    outcomes = Rows(database).all("SELECT outcome->>'action' AS action FROM ledger ORDER BY seq")
    assert [row["action"] for row in outcomes] == ["created", "updated", "updated"]
    assert Rows(database).value("SELECT count(*) FROM memories WHERE to_seq IS NULL") == 1


async def test_a_forgotten_memory_leaves_a_tombstone(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """The chain ends; the same fact said later begins another."""
    await store.apply([event(note("Has a cat"))])
    memory_id = Rows(database).value("SELECT memory_id FROM memories")
    await store.apply([event(DeleteMemory(memory_id=memory_id, reason="moved out")), event(note("Has a cat"))])
    rows = Rows(database).all("SELECT tombstone, content, to_seq IS NULL AS current FROM memories ORDER BY from_seq")
    assert [(row["tombstone"], row["content"], row["current"]) for row in rows] == [
        (False, "Has a cat", False),
        (True, "", True),
        (False, "Has a cat", True),
    ]


async def test_proposals_update_by_identity_and_note_the_extraction(
    store: PostgresEventStore, database: MnemeDatabase
) -> None:
    """A correction replaces the value, keeps the old version, and says by which rule."""
    for city in ("Berlin", "Lisbon"):
        source = event(said(f"I live in {city}"))
        ((_, (recorded,)),) = await store.apply([source])
        proposal = Proposal(
            action="create",
            memory_class="profile_fact",
            values={"subject": "user", "attribute": "residence", "value": city},
            content=f"The user lives in {city}.",
            confidence=0.9,
        )
        await store.apply(
            [
                event(
                    ProposeMemories(
                        message_id=recorded.message_id,  # type: ignore[union-attr]
                        revision=1,
                        source_event_id=source.event_id,
                        extractor="rules",
                        schema_version="default-1",
                        proposals=[proposal],
                    )
                )
            ]
        )
    rows = Rows(database)
    versions = rows.all("SELECT version, values->>'value' AS value, to_seq FROM memories ORDER BY version")
    assert [(row["version"], row["value"]) for row in versions] == [(1, "Berlin"), (2, "Lisbon")]
    decision = rows.value("SELECT decision FROM ledger WHERE seq = 4")
    assert decision["actions"][0]["rule"] == "same_identity"
    assert decision["thresholds"] == {"update": 0.8, "upsert": 0.55}
    assert rows.value("SELECT count(*) FROM extractions") == 2


async def test_a_proposal_whose_message_is_gone_is_dropped(store: PostgresEventStore, database: MnemeDatabase) -> None:
    """Deleting wins over an extraction that comes late."""
    source = event(said("I live in Oslo"))
    ((_, (recorded,)),) = await store.apply([source])
    message_id = recorded.message_id  # type: ignore[union-attr]
    values = {"subject": "user", "attribute": "residence", "value": "Oslo"}
    proposal = Proposal(action="create", memory_class="profile_fact", values=values, content="Oslo.", confidence=0.9)
    proposed = ProposeMemories(
        message_id=message_id,
        revision=1,
        source_event_id=source.event_id,
        extractor="rules",
        schema_version="default-1",
        proposals=[proposal],
    )
    await store.apply([event(DeleteMessage(message_id=message_id)), event(proposed)])
    assert Rows(database).value("SELECT count(*) FROM memories") == 0
    assert Rows(database).value("SELECT decision->'actions'->0->>'rule' FROM ledger WHERE seq = 3") == "source_gone"


async def test_a_changed_preference_loses_the_reason_of_the_old_one(
    store: PostgresEventStore, database: MnemeDatabase
) -> None:
    """A reason for liking is none for disliking."""
    said_of_coffee = [
        {"subject": "user", "topic": "coffee", "polarity": "likes", "reason": "it wakes me up"},
        {"subject": "user", "topic": "coffee", "polarity": "dislikes"},
    ]
    for values in said_of_coffee:
        source = event(said(f"coffee: {values['polarity']}"))
        ((_, (recorded,)),) = await store.apply([source])
        content = f"The user {values['polarity']} coffee."
        proposal = Proposal(action="create", memory_class="preference", values=values, content=content, confidence=0.9)
        proposed = ProposeMemories(
            message_id=recorded.message_id,  # type: ignore[union-attr]
            revision=1,
            source_event_id=source.event_id,
            extractor="rules",
            schema_version="default-1",
            proposals=[proposal],
        )
        await store.apply([event(proposed)])
    assert Rows(database).value("SELECT values FROM memories WHERE to_seq IS NULL") == said_of_coffee[1]
