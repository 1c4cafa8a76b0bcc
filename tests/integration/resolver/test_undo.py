"""Going back on decisions, through the resolver's transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import Change, MemoryChanged
from mneme_common.contracts.commands import (
    DeleteMemory,
    EventData,
    Proposal,
    ProposeMemories,
    StoreMemory,
    UndoMemory,
    UndoOperation,
)
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.report import Report
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, Rows, event, said
from tests.integration.replay.ledgers import replays


class Ledger:
    """Applies commands one by one and tells the outcome of each."""

    def __init__(self, connected: Database, made: MnemeDatabase) -> None:
        self._connected, self._made = connected, made
        self.store = PostgresEventStore(
            database=connected, keys=subject_keys(), clock=lambda: datetime.now(UTC), checkpoint=ignore
        )
        self.rows = Rows(made)

    async def apply(self, data: EventData) -> tuple[dict[str, object], list[Change]]:
        """The outcome and the changes of one command."""
        one = event(data)
        ((_, changes),) = await self.store.apply([one])
        outcome: dict[str, object] = self.rows.value("SELECT outcome FROM ledger WHERE event_id = %s", one.event_id)
        return outcome, list(changes)

    async def remember(self, content: str, **given: object) -> UUID:
        """Stores a memory; the id of its version."""
        data = {"content": content, "kind": Kind.FACT, "memory_type": MemoryType.SEMANTIC} | given
        outcome, _ = await self.apply(StoreMemory.model_validate(data))
        return UUID(str(outcome["memory_id"]))

    def live(self) -> list[str]:
        """What is known now."""
        found = self.rows.all("SELECT content FROM memories WHERE to_seq IS NULL AND NOT tombstone ORDER BY content")
        return [row["content"] for row in found]

    async def differences(self) -> list[object]:
        """What a replay finds."""
        report = Report(redecides=True)
        await replays(self._connected, self._made).tenant(TENANT, report)
        return [*report.differences, *report.redecisions]


@pytest.fixture
async def ledger(database: MnemeDatabase) -> AsyncIterator[Ledger]:
    """A ledger without events."""
    connected = Database(database.writer_url, name="undo-test")
    await connected.open()
    yield Ledger(connected, database)
    await connected.close()


async def test_an_update_is_undone_by_a_version_and_the_undo_by_another(ledger: Ledger) -> None:
    """The chain only grows, and each step says what it went back to."""
    first = await ledger.remember("The shed is green.", key="shed")
    second = await ledger.remember("The shed is blue.", key="shed")
    undone, (change,) = await ledger.apply(UndoMemory(memory_id=first, reason="it was green after all"))
    assert ledger.live() == ["The shed is green."]
    assert isinstance(change, MemoryChanged)
    assert (change.content, change.closed_id, change.version) == ("The shed is green.", second, 3)
    again, _ = await ledger.apply(UndoMemory(memory_id=UUID(str(undone["memory_id"]))))
    assert ledger.live() == ["The shed is blue."]
    chain = ledger.rows.all("SELECT version, op, content, status FROM memories ORDER BY version")
    assert [(row["op"], row["status"]) for row in chain] == [
        ("create", "superseded"),
        ("version", "superseded"),
        ("undo", "superseded"),
        ("undo", "active"),
    ]
    assert (undone["action"], again["version"]) == ("restore", 4)
    assert await ledger.differences() == []


async def test_what_was_forgotten_is_known_again_and_forgotten_again(ledger: Ledger) -> None:
    memory_id = await ledger.remember("Has a cat.", tags=["pets"], pinned=True)
    await ledger.apply(DeleteMemory(memory_id=memory_id, reason="asked"))
    assert ledger.live() == []
    _, (change,) = await ledger.apply(UndoMemory(memory_id=memory_id))
    assert isinstance(change, MemoryChanged)
    assert (change.change, change.closed_id) == ("created", None)
    restored = ledger.rows.all("SELECT content, tags, pinned, op FROM memories WHERE to_seq IS NULL")
    assert restored == [{"content": "Has a cat.", "tags": ["pets"], "pinned": True, "op": "undo"}]
    await ledger.apply(UndoMemory(memory_id=memory_id))
    assert ledger.live() == []
    assert ledger.rows.value("SELECT reason FROM memories WHERE version = 4") is None
    assert await ledger.differences() == []


async def test_undoing_a_creation_forgets_and_undoing_that_remembers(ledger: Ledger) -> None:
    memory_id = await ledger.remember("Rides a unicycle.")
    outcome, (change,) = await ledger.apply(UndoMemory(memory_id=memory_id))
    assert (outcome["action"], ledger.live()) == ("retract", [])
    assert isinstance(change, MemoryChanged)
    assert (change.change, change.content, change.closed_id) == ("deleted", None, memory_id)
    await ledger.apply(UndoMemory(memory_id=memory_id))
    assert ledger.live() == ["Rides a unicycle."]
    assert await ledger.differences() == []


async def test_an_expired_memory_comes_back_without_its_end(ledger: Ledger) -> None:
    """Its time to live is over; restored with it, it would go with the next sweep."""
    memory_id = await ledger.remember("Parking pass.", expires_at=datetime.now(UTC) - timedelta(days=1))
    await ledger.apply(DeleteMemory(memory_id=memory_id))
    await ledger.apply(UndoMemory(memory_id=memory_id))
    assert ledger.rows.value("SELECT expires_at FROM memories WHERE to_seq IS NULL") is None


async def test_what_cannot_be_undone_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    """An unknown id, a version that is not the last, an operation without memories, an identity taken meanwhile."""
    memory_id = await ledger.remember("Has a cat.")
    unknown, _ = await ledger.apply(UndoMemory(memory_id=uuid4()))
    await ledger.apply(DeleteMemory(memory_id=memory_id))
    stale, _ = await ledger.apply(UndoMemory(memory_id=memory_id, version=1))
    nothing, _ = await ledger.apply(UndoOperation(event_id=uuid4()))
    await ledger.remember("has a  cat.")
    taken, _ = await ledger.apply(UndoMemory(memory_id=memory_id))
    assert [(one["status"], one["code"]) for one in (unknown, stale, nothing, taken)] == [
        (404, "NOT_FOUND"),
        (409, "CHANGED_SINCE"),
        (409, "NOTHING_TO_UNDO"),
        (409, "IDENTITY_TAKEN"),
    ]
    assert ledger.rows.value("SELECT count(*) FROM memories") == 3
    assert await ledger.differences() == []


async def test_an_operation_is_undone_whole_or_not_at_all(ledger: Ledger) -> None:
    """An extraction that wrote two memories; once one of them has changed, none of it is undone."""
    source = event(said("I live in Bonn and like jazz"))
    ((_, (recorded,)),) = await ledger.store.apply([source])
    proposing = event(_proposed(recorded, source.event_id))
    await ledger.store.apply([proposing])
    assert ledger.live() == ["likes jazz", "lives in Bonn"]
    undone, _ = await ledger.apply(UndoOperation(event_id=proposing.event_id))
    assert (len(undone["memory_ids"]), ledger.live()) == (2, [])  # type: ignore[arg-type]
    redo = ledger.rows.value("SELECT event_id FROM ledger WHERE event_type = 'operation.undo'")
    await ledger.apply(UndoOperation(event_id=redo))
    assert ledger.live() == ["likes jazz", "lives in Bonn"]
    refused, _ = await ledger.apply(UndoOperation(event_id=proposing.event_id))
    assert refused["code"] == "CHANGED_SINCE"
    assert await ledger.differences() == []


async def test_a_write_and_its_undo_in_one_batch_are_replayed(ledger: Ledger) -> None:
    """What the batch itself wrote can be undone in it."""
    note = {"kind": Kind.FACT, "memory_type": MemoryType.SEMANTIC, "key": "shed"}
    writes = [event(StoreMemory.model_validate({"content": text, **note})) for text in ("green", "blue")]
    await ledger.store.apply([*writes, event(UndoOperation(event_id=writes[1].event_id))])
    assert ledger.live() == ["green"]
    assert await ledger.differences() == []


def _proposed(recorded: object, source: UUID) -> ProposeMemories:
    home = {"subject": "user", "attribute": "residence", "value": "Bonn"}
    taste = {"subject": "user", "topic": "jazz", "polarity": "likes"}
    given = (("profile_fact", home, "lives in Bonn"), ("preference", taste, "likes jazz"))
    return ProposeMemories(
        message_id=recorded.message_id,  # type: ignore[attr-defined]
        revision=1,
        source_event_id=source,
        extractor="rules",
        schema_version="default-1",
        proposals=[
            Proposal(action="create", memory_class=name, values=dict(values), content=content, confidence=0.9)
            for name, values, content in given
        ],
    )
