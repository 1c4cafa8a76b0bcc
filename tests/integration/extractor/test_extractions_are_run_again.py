"""Another model or other rules: read again, compared, and taken over only when accepted."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mneme_common.contracts.commands import DeleteMessage, EventData, ReviseMemory, StoreMemory
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.jobs import AcceptExtraction, Job, RerunExtraction
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.domain.records import Message
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_common.testing.openai_server import Failure
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.decide.extraction import command_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.handlers.accept_extraction import AcceptExtractions
from mneme_extractor.handlers.rerun_extraction import RerunExtractions
from mneme_extractor.ports import Extractor
from mneme_extractor.store.run_rows import OutcomeRows, RunRows
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.messages import recorded
from mneme_resolver.decide.reading import read_event
from mneme_resolver.decide.report import Report
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import event, said
from tests.integration.extractor.waiting import World, extracting
from tests.integration.replay.ledgers import replays
from tests.unit.extractor.speech import ANN

_START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Tenant:
    """Users whose messages were read by the rules; a model reads them again."""

    def __init__(self, world: World, database: MnemeDatabase) -> None:
        self.world = world
        self._database = database
        self._now = _START
        self.emitted = 0

    async def say(self, *contents: str, user: str = "ann") -> None:
        """Recorded, and read by the rules as it was recorded."""
        for content in contents:
            await self.apply(event(said(content, occurred_at=self._now), user=user))
            row = self.world.rows.all("SELECT * FROM messages ORDER BY from_seq DESC, created_at DESC LIMIT 1")[0]
            message = recorded(Message(**row), extract=True)
            extraction = await RuleExtractor().extract(message, ANN)
            await self.apply(event(command_of(message, extraction, SCHEMA_VERSION), user=user))

    async def write(self, data: EventData, user: str = "ann") -> None:
        """Anything else."""
        await self.apply(event(data, user=user))

    async def apply(self, *events: ResolverEvent) -> None:
        """As the resolver does."""
        self._now += timedelta(seconds=1)
        keys = subject_keys()
        store = PostgresEventStore(database=self.world.pool, keys=keys, clock=lambda: self._now, checkpoint=ignore)
        await store.apply(events)

    async def emit(self, records: Sequence[OutgoingRecord]) -> None:
        """Straight into the resolver."""
        self.emitted += len(records)
        arrived = [Record("i", item.topic, 0, 0, 0, item.key, item.value, item.headers) for item in records]
        await self.apply(*(read_event(record) for record in arrived))

    async def rerun(self, run: str = "b", user: str | None = None) -> Mapping[str, Any]:
        """A job by the model."""
        data = RerunExtraction(job_id=uuid.uuid4(), run=run, user_id=user)

        @asynccontextmanager
        async def chosen(_asked: RerunExtraction) -> AsyncIterator[Extractor]:
            yield self.world.model

        handler = RerunExtractions(RunRows(self.world.pool, page=2), chosen)
        return await handler(Job(data.job_id, "extraction.rerun", "acme", data), self.emit)

    async def accept(self, run: str = "b", user: str | None = None) -> Mapping[str, Any]:
        """A job that takes it over."""
        data = AcceptExtraction(job_id=uuid.uuid4(), run=run, user_id=user)
        handler = AcceptExtractions(RunRows(self.world.pool), OutcomeRows(self.world.pool), lambda: datetime.now(UTC))
        return await handler(Job(data.job_id, "extraction.accept", "acme", data), self.emit)

    def memories(self, user: str = "ann") -> list[str]:
        """The live ones."""
        found = self.world.rows.all(
            "SELECT content FROM memories WHERE user_id = %s AND to_seq IS NULL AND NOT tombstone ORDER BY 1", user
        )
        return [row["content"] for row in found]

    async def is_replayed_to_the_byte(self) -> bool:
        """Whether the ledger still makes exactly what is stored."""
        report = Report()
        await replays(self.world.pool, self._database).tenant("acme", report)
        return report.found == 0


@asynccontextmanager
async def _tenant(database: MnemeDatabase) -> AsyncIterator[Tenant]:
    async with extracting(database) as world:
        yield Tenant(world, database)


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("same", "added", "changed", "removed") if report[name]}


async def test_a_run_is_compared_and_changes_nothing_until_it_is_accepted(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I love tea.", "I live in Berlin.", "Nice weather.")
        before = tenant.memories()
        report = await tenant.rerun()
        assert (report["messages"], _counts(report)) == (3, {"same": 1, "added": 2, "removed": 1})
        assert (tenant.memories(), tenant.emitted) == (before, 0)
        assert "Berlin" not in repr(report), "a report names ids, never what was said"
        assert _counts(await tenant.accept()) == _counts(report)
        assert tenant.memories() == ["The user likes Berlin.", "The user likes weather.", "The user loves tea."]
        assert await tenant.is_replayed_to_the_byte()


async def test_what_says_the_same_in_other_words_is_not_written_again(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I hate rain.")
        report = await tenant.rerun()
        assert _counts(report) == {"changed": 1}
        await tenant.accept()
        assert tenant.memories() == ["The user likes rain."]
        versions = tenant.world.rows.all("SELECT version, source FROM memories WHERE to_seq IS NULL")
        assert versions == [{"version": 2, "source": "extractor/openai"}]


async def test_a_run_that_stops_goes_on_where_it_was(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say(*(f"I love hobby{number}." for number in range(6)))
        tenant.world.model.endpoint.breakers.succeeded("acme")
        reply = tenant.world.server.reply
        tenant.world.server.reply = lambda body: Failure(503) if "hobby4" in repr(body) else reply(body)
        with pytest.raises(DependencyError):
            await tenant.rerun()
        asked = len(tenant.world.server.requests)
        assert tenant.world.rows.value("SELECT count(*) FROM extraction_runs") == 5
        tenant.world.server.reply = reply
        tenant.world.model.endpoint.breakers.succeeded("acme")
        report = await tenant.rerun()
        assert report["messages"] == 6
        assert len(tenant.world.server.requests) == asked + 1


async def test_accepting_twice_changes_nothing_more(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I live in Berlin.")
        await tenant.rerun()
        await tenant.accept()
        ledger = tenant.world.rows.value("SELECT count(*) FROM ledger")
        await tenant.accept()
        assert tenant.world.rows.value("SELECT count(*) FROM ledger") == ledger
        assert tenant.memories() == ["The user likes Berlin."]


async def test_what_was_said_after_the_run_and_what_people_stored_is_left_alone(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I live in Berlin.")
        await tenant.write(StoreMemory(content="Call me Ann.", kind=Kind.FACT, memory_type=MemoryType.SEMANTIC))
        await tenant.rerun()
        await tenant.say("I moved to Munich.")
        report = await tenant.accept()
        assert (report["newer"], report["removed"]) == (1, 0)
        assert tenant.memories() == ["Call me Ann.", "The user likes Berlin.", "The user lives in Munich."]


async def test_what_somebody_has_corrected_is_his(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I live in Berlin.")
        known = tenant.world.rows.value("SELECT memory_id FROM memories")
        await tenant.write(ReviseMemory(memory_id=known, op="correct", content="The user lives in Bern."))
        await tenant.rerun()
        report = await tenant.accept()
        assert (report["removed"], report["changed"]) == (0, 0)
        assert tenant.memories() == ["The user likes Berlin.", "The user lives in Bern."]


async def test_a_message_that_was_deleted_since_brings_nothing_back(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I love tea.", "I live in Berlin.")
        await tenant.rerun()
        gone = tenant.world.rows.value("SELECT message_id FROM messages WHERE content = 'I live in Berlin.'")
        await tenant.write(DeleteMessage(message_id=gone))
        await tenant.accept()
        assert "The user likes Berlin." not in tenant.memories()


async def test_a_run_of_one_user_concerns_nobody_else(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I live in Berlin.")
        await tenant.say("I live in Porto.", user="bob")
        assert (await tenant.rerun(user="bob"))["users"] == 1
        await tenant.accept(user="bob")
        assert (tenant.memories(), tenant.memories("bob")) == (["The user lives in Berlin."], ["The user likes Porto."])


async def test_a_run_that_nobody_made_cannot_be_accepted(database: MnemeDatabase) -> None:
    async with _tenant(database) as tenant:
        await tenant.say("I live in Berlin.")
        with pytest.raises(PermanentError, match="no such run"):
            await tenant.accept("c")
        with pytest.raises(PermanentError, match="cannot be called live"):
            await tenant.rerun("live")
