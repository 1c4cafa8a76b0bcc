"""Random histories of a user, written by the real resolver's transaction."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import (
    ApplyRetention,
    DeleteMemory,
    DeleteMessage,
    EventData,
    NoteExtractions,
    Proposal,
    ProposeMemories,
    ReadRevision,
    ReviseMemory,
    StoreMemory,
    UndoMemory,
    UndoOperation,
    UpdateMessage,
)
from mneme_common.contracts.conversation_commands import ClearConversation
from mneme_common.contracts.record_commands import ApplySchema, StoreRecord
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.replay.empty_tables import EmptyTables
from mneme_resolver.replay.replays import Replays
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_resolver.store.held_states import HeldStates
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, USER, Rows, event, said
from tests.fixtures.schemas import activate, define

_TOPICS = ("tea", "green tea", "black tea in the morning", "chess", "hiking in the alps", "hiking")
_TITLES = ("Dune", "dune ", "Emma", "Dune Messiah")
_AUTHORS = ("Frank Herbert", "Jane Austen")
_IDENTITIES = (("title",), ("title", "author"), ("author",))
_PLACES = ("Berlin", "Porto", "Bergen", "São Paulo", "東京", 'quote\'s "end" \\ \t tab')


@dataclass
class History:
    """Writes events in batches and remembers what exists, so that later events hit it."""

    database: Database
    rows: Rows
    seed: int = 0
    now: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    create_only: bool = False
    held: HeldStates = field(default_factory=HeldStates)
    messages: list[UUID] = field(default_factory=list)
    memories: list[UUID] = field(default_factory=list)
    written: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        for version, identity in enumerate(_IDENTITIES, start=1):
            define(self.rows, version, *identity)

    async def write(self, events: Sequence[ResolverEvent]) -> None:
        """One batch of the resolver."""
        store = PostgresEventStore(
            database=self.database,
            keys=subject_keys(),
            clock=self._tick,
            checkpoint=ignore,
            create_only=self.create_only,
            held=self.held,
        )
        await store.apply(events)

    async def grow(self, batches: int, *, tenant: str = TENANT, user: str = USER, largest: int = 12) -> None:
        """Random batches of random commands."""
        for _ in range(batches):
            size = self.dice.randint(1, largest)
            if self.dice.random() < 0.5:
                activate(self.rows, self.dice.randint(1, len(_IDENTITIES)))
            await self.write([event(self._command(), tenant=tenant, user=user) for _ in range(size)])
            self._look(tenant, user)

    def _look(self, tenant: str, user: str) -> None:
        found = self.rows.all("SELECT message_id, event_id FROM messages WHERE (tenant_id, user_id) = (%s, %s)"
                              " AND to_seq IS NULL ORDER BY message_id", tenant, user)  # fmt: skip
        self.messages = [row["message_id"] for row in found]
        self.events = {row["message_id"]: row["event_id"] for row in found}
        found = self.rows.all("SELECT memory_id, event_id FROM memories WHERE (tenant_id, user_id) = (%s, %s)"
                              " ORDER BY memory_id", tenant, user)  # fmt: skip
        self.memories = [row["memory_id"] for row in found]
        self.written = [row["event_id"] for row in found]

    def _command(self) -> EventData:
        makers = [
            (6, self._say),
            (2, self._update),
            (1, lambda: DeleteMessage(message_id=self._some(self.messages), expected_revision=self._one())),
            (3, self._store),
            (1, lambda: DeleteMemory(memory_id=self._some(self.memories), reason="asked")),
            (1, lambda: DeleteMemory(memory_id=self._some(self.memories), op="forget", expected_version=self._one())),
            (4, self._revise),
            (5, self._propose),
            (2, lambda: UndoMemory(memory_id=self._some(self.memories))),
            (2, lambda: UndoOperation(event_id=self._some(self.written))),
            (4, self._note),
            (2, self._retain),
            (4, self._record),
            (2, lambda: ApplySchema(memory_class="book", memory_ids=self._several(), job_id="job")),
            (1, self._clear),
        ]
        weights = [weight for weight, _ in makers]
        return self.dice.choices([make for _, make in makers], weights)[0]()

    def _say(self) -> EventData:
        fields: dict[str, Any] = {"remember": self.dice.random() < 0.3, "name": self.dice.choice([None, "Ann"])}
        if self.dice.random() < 0.5:
            fields["metadata"] = {
                "memory_enabled": self.dice.random() < 0.5,
                "mood": self.dice.random(),
                "nested": {"tags": ["a", None, 1.0, "ü"]},
            }
            fields["occurred_at"] = self.now - timedelta(days=self.dice.random() * 100)
        return said(f"I live in {self.dice.choice(_PLACES)} {self.dice.randint(0, 20)}", **fields)

    def _update(self) -> EventData:
        change: dict[str, Any] = self.dice.choice(
            [
                {"content": f"edited {self.dice.randint(0, 9)}"},
                {"metadata": {"n": 1}},
                {"archived": True},
                {"archived": False},
            ]
        )
        return UpdateMessage(message_id=self._some(self.messages), expected_revision=self._one(), **change)

    def _store(self) -> EventData:
        return StoreMemory(
            content=f"note {self.dice.choice(_PLACES)} {self.dice.randint(0, 5)}",
            kind=Kind.FACT,
            memory_type=MemoryType.SEMANTIC,
            key=self.dice.choice([None, None, "home"]),
            tags=self.dice.sample(["a", "b", "c"], self.dice.randint(0, 3)),
            expires_at=self.dice.choice([None, self.now - timedelta(days=1)]),
            pinned=self.dice.random() < 0.2,
            op=self.dice.choice(["store", "teach"]),
            valid_to=self.dice.choice([None, self.now]),
        )

    def _one(self) -> int | None:
        return self.dice.choice([None, 1, 2])

    def _revise(self) -> EventData:
        change: dict[str, Any] = self.dice.choice(
            [
                {"content": f"note {self.dice.choice(_PLACES)} {self.dice.randint(0, 5)}"},
                {"content": "likes tea", "op": "correct", "reason": "asked"},
                {"pinned": True, "tags": ["z", "a"], "memory_type": MemoryType.PROCEDURAL},
                {"valid_from": self.now, "cleared": ["expires_at"]},
                {"values": {"polarity": "dislikes"}, "importance": 0.25},
                {"values": {"author": self.dice.choice(_AUTHORS), "pages": "12"}},
                {"values": {"title": self.dice.choice(_TITLES)}},
            ]
        )
        return ReviseMemory(memory_id=self._some(self.memories), expected_version=self._one(), **change)

    def _record(self) -> EventData:
        values: dict[str, Any] = {"title": self.dice.choice(_TITLES), "author": self.dice.choice(_AUTHORS)}
        values |= self.dice.choice([{}, {"rating": 4.5}, {"tags": ["a", "b"], "finished": "yes"}, {"pages": "many"}])
        return StoreRecord(
            memory_class=self.dice.choice(["book", "book", "book", "boat"]),
            values=dict(self.dice.sample(sorted(values.items()), self.dice.randint(1, len(values)))),
            content=self.dice.choice([None, None, "A book on the table."]),
            expected_version=self._one() if self.dice.random() < 0.2 else None,
        )

    def _several(self) -> list[UUID]:
        return [self._some(self.memories) for _ in range(self.dice.randint(1, 6))]

    def _propose(self) -> EventData:
        message_id = self._some(self.messages)
        source = getattr(self, "events", {}).get(message_id, uuid4())
        return ProposeMemories(
            message_id=message_id,
            revision=1,
            source_event_id=source,
            extractor="rules-1",
            schema_version="default-1",
            run=self.dice.choice(["live", f"run {self.dice.randint(0, 10**9)}"]),
            proposals=[self._proposal() for _ in range(self.dice.randint(0, 3))],
        )

    def _note(self) -> EventData:
        revisions = [
            ReadRevision(
                message_id=message_id,
                revision=1,
                source_event_id=getattr(self, "events", {}).get(message_id, uuid4()),
            )
            for message_id in (self._some(self.messages) for _ in range(self.dice.randint(1, 4)))
        ]
        run = self.dice.choice(["live", "again"])
        return NoteExtractions(revisions=revisions, extractor="rules-1", schema_version="default-1", run=run)

    def _proposal(self) -> Proposal:
        topic, place = self.dice.choice(_TOPICS), self.dice.choice(_PLACES)
        return self.dice.choice(
            [
                Proposal(action="create", memory_class="preference", confidence=0.8, content=f"likes {topic}",
                         values={"subject": "user", "topic": topic, "polarity": "likes"}),
                Proposal(action="create", memory_class="profile_fact", confidence=0.9, content=f"lives in {place}",
                         values={"subject": "user", "attribute": "residence", "value": place}),
                Proposal(action="create", memory_class="book", confidence=0.9, content=f"reads {topic}",
                         values={"title": self.dice.choice(_TITLES), "notes": topic, "pages": 3, "boat": "no column"}),
                Proposal(action="delete", memory_class="book", confidence=0.9, content=f"forget {topic}",
                         values={"title": self.dice.choice(_TITLES)}),
                Proposal(action="create", memory_class="journal", confidence=0.9, content=f"home: {place}",
                         values={"bucket": "identity", "key": topic.replace(" ", "_"), "value": place}),
                Proposal(action="delete", memory_class="preference", confidence=0.9, content=f"forget {topic}",
                         values={"subject": "user", "topic": topic}),
            ]
        )  # fmt: skip

    def _retain(self) -> EventData:
        return ApplyRetention(
            archive_message_ids=[self._some(self.messages)],
            delete_message_ids=[self._some(self.messages)],
            expire_memory_ids=[self._some(self.memories), self._some(self.memories)],
            decay_memory_ids=[self._some(self.memories)],
            reason="retention policy",
            job_id="job",
        )

    def _clear(self) -> EventData:
        return ClearConversation(
            conversation_id=self.dice.choice(["journal", "c1"]), memory_class=self.dice.choice([None, "journal"])
        )

    def _some(self, known: Sequence[UUID]) -> UUID:
        return self.dice.choice(known) if known and self.dice.random() < 0.9 else uuid4()

    def _tick(self) -> datetime:
        self.now += timedelta(microseconds=self.dice.randint(0, 2) * 377)
        return self.now


def replays(database: Database, made: MnemeDatabase) -> Replays:
    """Replays as the resolver's main puts them together."""
    return Replays(database, EmptyTables(made.writer_url), subject_keys())
