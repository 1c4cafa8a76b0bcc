"""A user's memories of a class are read once, and again when anybody else has written meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import Proposal, ProposeMemories
from mneme_common.runtime.stage import Step
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_resolver.store.held_states import HeldStates
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import Rows, event, said


class Resolver:
    """One resolver process, as far as the database sees it."""

    def __init__(self, connected: Database, rows: Rows, held: HeldStates) -> None:
        self.fails = False
        self._rows = rows
        self._store = PostgresEventStore(
            database=connected,
            keys=subject_keys(),
            clock=lambda: datetime.now(UTC),
            checkpoint=self._checkpoint,
            held=held,
        )

    async def likes(self, topic: str, sentiment: str = "like") -> str:
        """Somebody says what he likes; what was decided on the memory of it."""
        proposing = await self.proposal(topic, sentiment)
        await self._store.apply([proposing])
        return self.decided(proposing)["action"]  # type: ignore[no-any-return]

    async def proposal(self, topic: str, sentiment: str = "like") -> ResolverEvent:
        """The command of an extractor, its message recorded."""
        source = event(said(f"{sentiment} {topic}"))
        ((_, (recorded,)),) = await self._store.apply([source])
        values = {"subject": "user", "topic": topic, "sentiment": sentiment}
        proposal = Proposal(
            action="create", memory_class="preference", values=dict(values), content=f"{topic}!", confidence=0.9
        )
        return event(
            ProposeMemories(
                message_id=recorded.message_id,  # type: ignore[union-attr]
                revision=1,
                source_event_id=source.event_id,
                extractor="rules",
                schema_version="default-1",
                proposals=[proposal],
            )
        )

    async def apply(self, proposing: ResolverEvent) -> None:
        """One batch."""
        await self._store.apply([proposing])

    def decided(self, proposing: ResolverEvent) -> dict[str, Any]:
        """The only action of the decision on an event."""
        decision = self._rows.value("SELECT decision FROM ledger WHERE event_id = %s", proposing.event_id)
        (action,) = decision["actions"]
        return dict(action)

    async def _checkpoint(self, step: Step) -> None:
        if self.fails and step is Step.APPLIED:
            raise RuntimeError("killed before the commit")


@pytest.fixture
async def connected(database: MnemeDatabase) -> AsyncIterator[Database]:
    """The resolver's way to the database."""
    pool = Database(database.writer_url, name="held-test", by_key=True)
    await pool.open()
    yield pool
    await pool.close()


async def test_a_class_is_not_read_again_for_the_next_batch(connected: Database, database: MnemeDatabase) -> None:
    rows = Rows(database)
    holding, forgetting = Resolver(connected, rows, HeldStates()), Resolver(connected, rows, HeldStates(most=0))
    assert await holding.likes("tea") == "create"
    rows.all("UPDATE memories SET memory_class = 'note' WHERE content = 'tea!' RETURNING 1")
    assert await holding.likes("tea") == "unchanged", "what it has at hand says so"
    assert await forgetting.likes("tea") == "create", "the table says otherwise"


async def test_what_another_resolver_wrote_is_seen(connected: Database, database: MnemeDatabase) -> None:
    rows = Rows(database)
    first, second = (Resolver(connected, rows, HeldStates()) for _ in range(2))
    assert await first.likes("tea") == "create"
    assert await second.likes("tea", "dislike") == "update"
    assert await first.likes("tea", "dislike") == "unchanged"
    assert await first.likes("tea") == "update"


async def test_a_batch_that_fails_leaves_nothing_behind(connected: Database, database: MnemeDatabase) -> None:
    resolver = Resolver(connected, Rows(database), HeldStates())
    await resolver.likes("tea")
    proposing = await resolver.proposal(f"chess {uuid4().hex}")
    resolver.fails = True
    with pytest.raises(RuntimeError, match="killed"):
        await resolver.apply(proposing)
    resolver.fails = False
    await resolver.apply(proposing)
    assert resolver.decided(proposing)["action"] == "create"
