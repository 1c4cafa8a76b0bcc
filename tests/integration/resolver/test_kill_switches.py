"""The kill switch by tenant and class: obeyed, recorded, and thrown when updates are taken back (S1-50)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import Proposal, ProposeMemories, UndoMemory
from mneme_common.runtime.stage import ignore
from mneme_resolver.decide.report import Report
from mneme_resolver.decide.switches import SpikeLimits
from mneme_resolver.metrics import DecisionMetrics
from mneme_resolver.store.event_store import PostgresEventStore
from mneme_resolver.store.switch_rows import KillSwitchRows
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, Rows, event, said
from tests.integration.replay.ledgers import replays


@dataclass
class Resolver:
    """One resolver whose clock moves on by two seconds with each command."""

    connected: Database
    made: MnemeDatabase
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    now: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=10))

    def __post_init__(self) -> None:
        self.rows = Rows(self.made)
        self.store = PostgresEventStore(
            database=self.connected,
            keys=subject_keys(),
            clock=lambda: self.now,
            checkpoint=ignore,
            switches=KillSwitchRows(self.connected, lambda: self.now, SpikeLimits(least=2, share=0.05)),
            count=DecisionMetrics(self.registry).applied,
        )

    async def says(self, memory_class: str, user: str = "ann", **values: str) -> dict[str, Any]:
        """Says something from which one memory is extracted; the decision on it."""
        self.now += timedelta(seconds=2)
        source = event(said(str(values)), user=user)
        ((_, (recorded,)),) = await self.store.apply([source])
        proposal = Proposal(
            action="create",
            memory_class=memory_class,
            values={"subject": "user", **values},
            content=", ".join(values.values()),
            confidence=0.9,
        )
        proposing = event(
            ProposeMemories(
                message_id=recorded.message_id,  # type: ignore[union-attr]
                revision=1,
                source_event_id=source.event_id,
                extractor="rules",
                schema_version="default-1",
                proposals=[proposal],
            ),
            user=user,
        )
        await self.store.apply([proposing])
        decision: dict[str, Any] = self.rows.value(
            "SELECT decision FROM ledger WHERE event_id = %s", proposing.event_id
        )
        return decision

    async def takes_back(self) -> None:
        """Undoes the last decision on the latest memory."""
        self.now += timedelta(seconds=2)
        memory_id: UUID = self.rows.value("SELECT memory_id FROM memories ORDER BY memory_id DESC LIMIT 1")
        await self.store.apply([event(UndoMemory(memory_id=memory_id))])

    def switch(self, memory_class: str, *, create_only: bool) -> int:
        """What an operator sets; the version of it."""
        version: int = self.rows.value(
            "INSERT INTO kill_switches AS k (tenant_id, memory_class, create_only, automatic, changed_at)"
            " VALUES (%s, %s, %s, false, %s) ON CONFLICT (tenant_id, memory_class) DO UPDATE SET automatic = false,"
            " create_only = excluded.create_only, version = nextval('kill_switch_versions'),"
            " changed_at = excluded.changed_at RETURNING version",
            TENANT,
            memory_class,
            create_only,
            self.now,
        )
        return version

    async def differences(self) -> list[object]:
        """What a replay finds, decided anew too."""
        report = Report(redecides=True)
        await replays(self.connected, self.made).tenant(TENANT, report)
        return [*report.differences, *report.redecisions]


@pytest.fixture
async def resolver(database: MnemeDatabase) -> AsyncIterator[Resolver]:
    """A resolver over an empty database."""
    connected = Database(database.writer_url, name="switch-test")
    await connected.open()
    yield Resolver(connected, database)
    await connected.close()


async def test_a_switched_class_only_creates_and_others_go_on_merging(resolver: Resolver) -> None:
    """And every decision says under which setting it was taken, so that a replay is byte-equal."""
    await resolver.says("profile_fact", attribute="residence", value="Bonn")
    await resolver.says("preference", topic="jazz", polarity="likes")
    version = resolver.switch("profile_fact", create_only=True)
    moved = await resolver.says("profile_fact", attribute="residence", value="Ulm")
    bored = await resolver.says("preference", topic="jazz", polarity="dislikes")
    assert [(one["actions"][0]["action"], one["actions"][0]["basis"]) for one in (moved, bored)] == [
        ("create", "create_only"),
        ("update", "identity"),
    ]
    assert moved["switch_version"] == bored["switch_version"] == version
    resolver.switch("profile_fact", create_only=False)
    again = await resolver.says("profile_fact", attribute="residence", value="Bonn")
    assert again["actions"][0]["basis"] == "identity"
    assert await resolver.differences() == []


async def test_a_switch_for_every_class_stops_all_merging_of_one_tenant(resolver: Resolver) -> None:
    await resolver.says("preference", topic="jazz", polarity="likes")
    resolver.switch("*", create_only=True)
    decision = await resolver.says("preference", topic="jazz", polarity="dislikes")
    assert decision["actions"][0]["basis"] == "create_only"
    assert await resolver.differences() == []


async def test_updates_that_are_taken_back_throw_the_switch_of_their_class(resolver: Resolver) -> None:
    """Two false updates of a class within a day; another class, and taking back a creation, do not count."""
    await resolver.says("preference", topic="jazz", polarity="likes")
    await resolver.takes_back()
    for city in ("Bonn", "Ulm"):
        await resolver.says("profile_fact", attribute="residence", value=city)
    await resolver.takes_back()
    assert resolver.rows.all("SELECT * FROM kill_switches") == []
    await resolver.says("profile_fact", attribute="residence", value="Kiel")
    await resolver.takes_back()
    thrown = resolver.rows.all("SELECT memory_class, create_only, automatic, reason FROM kill_switches")
    assert thrown == [
        {
            "memory_class": "profile_fact",
            "create_only": True,
            "automatic": True,
            "reason": "2 of 2 updates were taken back within a day",
        }
    ]
    stopped = await resolver.says("profile_fact", attribute="residence", value="Trier")
    assert stopped["actions"][0]["basis"] == "create_only"
    assert resolver.registry.get_sample_value("mneme_resolver_false_updates_total") == 2
    assert await resolver.differences() == []


async def test_what_was_taken_back_before_updates_were_allowed_again_is_forgiven(resolver: Resolver) -> None:
    for city in ("Bonn", "Ulm", "Kiel"):
        await resolver.says("profile_fact", attribute="residence", value=city)
        if city != "Bonn":
            await resolver.takes_back()
    resolver.now += timedelta(seconds=2)
    resolver.switch("profile_fact", create_only=False)
    await resolver.says("profile_fact", attribute="residence", value="Trier")
    await resolver.takes_back()
    assert resolver.rows.value("SELECT create_only FROM kill_switches") is False


async def test_few_false_updates_among_many_throw_nothing() -> None:
    limits = SpikeLimits(least=5, share=0.05)
    assert not limits.exceeded(updated=4, false_updates=4)
    assert not limits.exceeded(updated=1_000, false_updates=50)
    assert limits.exceeded(updated=1_000, false_updates=51)
