"""An extractor with a model, on a real database and a real HTTP server; what it emits is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid5

import orjson
from prometheus_client import CollectorRegistry

from mneme_common.adapters.postgres import Database
from mneme_common.adapters.token_account import TokenAccount
from mneme_common.adapters.worker_rows import DeadLetterRows
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.commands import ProposeMemories
from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.topics import COMMANDS
from mneme_common.testing.openai_server import OpenAIServer
from mneme_extractor.adapters.allowance import Allowance
from mneme_extractor.adapters.budgeted_extractor import BudgetedExtractor
from mneme_extractor.adapters.openai_extractor import OpenAIExtractor, openai_extractor
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.handlers.extract_memories import ExtractMemories
from mneme_extractor.handlers.resume_extractions import ResumeExtractions
from mneme_extractor.metrics import ExtractionMetrics
from mneme_extractor.store.answer_rows import AnswerRows
from mneme_extractor.store.postponed_rows import PostponedRows
from mneme_extractor.store.revision_rows import RevisionRows
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows
from tests.integration.extractor.log import change, write_messages
from tests.unit.extractor.speech import recorded

_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def answering(body: dict[str, object]) -> str:
    """What a model would say: that the speaker likes the last word of the message."""
    said = json.loads(body["messages"][1]["content"])["message"]  # type: ignore[index]
    topic = said.rstrip(".").split()[-1]
    memory = {
        "action": "create",
        "memory_class": "preference",
        "values": {"topic": topic, "polarity": "likes", "reason": ""},
        "content": f"The user likes {topic}.",
        "confidence": 0.9,
        "quote": said,
    }
    return json.dumps({"memories": [memory]})


@dataclass
class World:
    """One worker's extraction, without its loop."""

    pool: Database
    rows: Rows
    server: OpenAIServer
    model: OpenAIExtractor
    now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)
    metrics: ExtractionMetrics = field(default_factory=lambda: ExtractionMetrics(CollectorRegistry()))
    emitted: list[OutgoingRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        extractor = BudgetedExtractor(self.model, RuleExtractor(), self.metrics.fell_back)
        self.stage = ExtractMemories(
            extractor, RevisionRows(self.pool), PostponedRows(self.pool), self.metrics, self.clock
        )
        self.resuming = ResumeExtractions(
            extractor, PostponedRows(self.pool), DeadLetterRows(self.pool), self.metrics, self.clock, self._look
        )

    def clock(self) -> datetime:
        """The time that everybody sees."""
        return self.now

    async def say(self, *contents: str, user: str = "ann", tenant: str = "acme", first: int = 1) -> None:
        """Recorded messages of one user, read in one batch; those that can be are emitted."""
        messages = [
            _of(recorded(content, number=number), tenant, user) for number, content in enumerate(contents, first)
        ]
        await write_messages(self.pool, messages, user=user, tenant=tenant)
        sent = [change(message, user=user, tenant=tenant) for message in messages]
        records = [Record("i", item.topic, 0, 0, 0, item.key, item.value, item.headers) for item in sent]
        events = [event for record in records if (event := self.stage.decode(record)) is not None]
        applied = await self.stage.apply(events)
        await self.emit(applied.outgoing)
        await self.stage.mark_emitted(events)

    async def emit(self, records: Sequence[OutgoingRecord]) -> None:
        """Onto the log."""
        self.emitted += records

    def read(self, user: str = "ann", tenant: str = "acme") -> list[list[str]]:
        """What was found in the messages of a user, in the order of the commands."""
        commands = [
            ProposeMemories.model_validate(orjson.loads(record.value))
            for record in self.emitted
            if record.topic == COMMANDS and record.key == f"{tenant}/{user}".encode()
        ]
        return [[proposal.content for proposal in data.proposals] for data in commands]

    def waiting(self) -> dict[str, int]:
        """How many messages of each user wait."""
        found = self.rows.all("SELECT user_id, count(*) AS n FROM postponed_extractions GROUP BY 1")
        return {row["user_id"]: row["n"] for row in found}

    def budget(self, tenant: str = "acme", **budget: object) -> None:
        """Sets the tenant's budget."""
        self.rows.all(
            "INSERT INTO tenants (tenant_id, name, settings) VALUES (%s, 'x', %s::jsonb)"
            " ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings RETURNING 1",
            tenant,
            json.dumps({"extraction": budget}),
        )

    def are_due(self) -> None:
        """Time passes until everybody who waits is due."""
        self.rows.all("UPDATE postponed_extractions SET retry_at = now() RETURNING 1")
        self.resuming._held.clear()

    async def _look(self) -> None:
        self.metrics.waiting(await PostponedRows(self.pool).count())


def _of(message: MessageRecorded, tenant: str, user: str) -> MessageRecorded:
    """The same message as another user's, with ids of its own."""
    own = {name: uuid5(_NAMESPACE, f"{tenant}/{user}/{getattr(message, name)}") for name in ("message_id", "event_id")}
    return message.model_copy(update=own)


@asynccontextmanager
async def extracting(database: MnemeDatabase, *, most: int = 1_000) -> AsyncIterator[World]:
    """A worker whose model answers at once; another one on the same database is another process."""
    server = OpenAIServer(answering)
    pool = Database(database.writer_url, name="test", size=6)
    await pool.open()
    holder: list[World] = []
    allowance = Allowance(AnswerRows(pool, most, 30), TokenAccount(pool, lambda: holder[0].now), lambda _source: None)
    try:
        async with (
            server.running(),
            openai_extractor(
                model="small", api_key="sk-test", base_url=server.base_url, limit_seconds=5.0, attempts=1,
                longest=12_000, spent=lambda _model, _usage: None, allowance=allowance,
            ) as model,
        ):  # fmt: skip
            holder.append(World(pool, Rows(database), server, model))
            yield holder[0]
    finally:
        await pool.close()
