"""Feedback loops: what was recalled is said again, round after round, by a user and by an assistant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from mneme_common.contracts.commands import EventData, ProposeMemories, StoreMemory
from mneme_common.domain.records import Message
from mneme_common.domain.vocabulary import Kind, MemoryType
from mneme_common.runtime.stage import ignore
from mneme_extractor.adapters.recalling_extractor import RecallingExtractor
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.decide.extraction import command_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.ports import Extractor
from mneme_extractor.store.recollection_rows import RecollectionRows
from mneme_gateway.decide.context_packing import Candidate, pack
from mneme_gateway.decide.near_duplicates import Statement
from mneme_resolver.decide.messages import recorded as recorded_change
from mneme_resolver.store.event_store import PostgresEventStore
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import event, said
from tests.integration.extractor.waiting import World, extracting
from tests.unit.extractor.speech import ANN

_FACTS = ("I love tea.", "I live in Berlin.", "My sister is Anna.", "I'm allergic to peanuts.", "I work at Acme.")
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Conversation:
    """A user's messages, applied by the real resolver and read by the extractor that is under test."""

    def __init__(self, world: World, extractor: Extractor) -> None:
        self._world = world
        self._extractor = extractor
        self._now = _START
        self.pieces = 0

    async def say(self, content: str, **fields: Any) -> None:
        """Recorded, read, resolved."""
        await self._apply(said(content, occurred_at=self._now, **fields))
        row = self._world.rows.all("SELECT * FROM messages ORDER BY from_seq DESC LIMIT 1")[0]
        message = self._message(row)
        extraction = await self._extractor.extract(message, ANN)
        self.pieces += len(extraction.recalled)
        await self._apply(command_of(message, extraction, SCHEMA_VERSION))

    async def store(self, content: str) -> None:
        """A memory in so many words."""
        await self._apply(StoreMemory(content=content, kind=Kind.FACT, memory_type=MemoryType.SEMANTIC))

    def memories(self) -> list[str]:
        """The live ones."""
        found = self._world.rows.all("SELECT content FROM memories WHERE to_seq IS NULL AND NOT tombstone ORDER BY 1")
        return [row["content"] for row in found]

    def context(self) -> str:
        """Everything on record, as the gateway packs it."""
        rows = self._world.rows.all(
            "SELECT memory_id::text AS id, observed_at AS at, NULL AS who, content, created_at FROM memories"
            " WHERE to_seq IS NULL AND NOT tombstone UNION ALL"
            " (SELECT message_id::text, occurred_at, coalesce(name, role), content, created_at FROM messages"
            " ORDER BY from_seq LIMIT 8)"
        )
        return pack([self._candidate(row) for row in rows], 4_000).context

    async def _apply(self, data: EventData) -> None:
        self._now += timedelta(seconds=1)
        keys = subject_keys()
        store = PostgresEventStore(database=self._world.pool, keys=keys, clock=lambda: self._now, checkpoint=ignore)
        await store.apply([event(data)])

    @staticmethod
    def _message(row: dict[str, Any]) -> Any:
        return recorded_change(Message(**row), extract=True)

    @staticmethod
    def _candidate(row: dict[str, Any]) -> Candidate:
        told_by = f" {row['who']}:" if row["who"] else ""
        return Candidate(
            record_id=row["id"],
            text=f"{row['at'].date().isoformat()}{told_by} {row['content']}",
            score=0.5,
            created_at=row["created_at"],
            statement=Statement(row["id"], row["content"], row["who"]),
        )


def _greedy(body: dict[str, Any]) -> str:
    """A model that notes every line that it is shown, in words of its own: each round would add to the last."""
    message = json.loads(body["messages"][1]["content"])["message"]
    lines = [line.strip() for line in message.splitlines() if line.strip(' "')]
    return json.dumps(
        {
            "memories": [
                {"action": "create", "memory_class": "note", "values": {"text": f"It was said: {line}"},
                 "content": f"The user mentioned: {line}", "confidence": 0.9, "quote": line}
                for line in lines
            ]
        }
    )  # fmt: skip


async def _rounds(talk: Conversation, rounds: int) -> None:
    for number in range(rounds):
        await talk.say(talk.context())
        remembered = talk.memories()
        quoted = remembered[number % len(remembered)]
        await talk.say(f'"{quoted}"', role="assistant", name="Helper")


async def test_fifty_rounds_of_recall_add_no_memory(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.reply = _greedy
        recollections = RecollectionRows(world.pool)
        counted: list[int] = []
        talk = Conversation(world, RecallingExtractor(world.model, recollections, counted.append))
        for fact in _FACTS:
            await talk.say(fact)
        await talk.store("Prefers to be called Ann.")
        before = talk.memories()
        await _rounds(talk, 50)
        assert talk.memories() == before
        assert talk.pieces == sum(counted) >= 100
        sources = world.rows.all("SELECT DISTINCT cardinality(source_message_ids) AS n FROM memories WHERE key IS NULL")
        assert {row["n"] for row in sources} <= {0, 1}, "nothing was drawn from a repetition"
        noted = world.rows.all("SELECT recalled FROM extractions ORDER BY seq DESC LIMIT 1")
        assert len(noted[0]["recalled"]) == 1


async def test_without_recognition_the_same_rounds_add_memories(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        world.server.reply = _greedy
        talk = Conversation(world, world.model)
        for fact in _FACTS:
            await talk.say(fact)
        before = len(talk.memories())
        await _rounds(talk, 3)
        assert len(talk.memories()) > 2 * before


async def test_a_pasted_context_does_not_bring_back_what_was_corrected(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        talk = Conversation(world, RecallingExtractor(RuleExtractor(), RecollectionRows(world.pool), lambda _n: None))
        await talk.say("I live in Berlin.")
        pasted = talk.context()
        await talk.say("I moved to Munich.")
        await talk.say(f"{pasted}\nI love tea.")
        assert talk.memories() == ["The user lives in Munich.", "The user loves tea."]
        await talk.say("I live in Berlin.")
        assert "The user lives in Berlin." in talk.memories(), "who says it again himself means it"


async def test_only_a_bounded_number_of_the_newest_memories_is_compared(database: MnemeDatabase) -> None:
    async with extracting(database) as world:
        talk = Conversation(world, world.model)
        for number in range(6):
            await talk.store(f"Fact number {number}.")
        found = await RecollectionRows(world.pool, most=4).known(ANN, 10**6, [])
        assert [item.text for item in found] == [f"Fact number {number}." for number in (5, 4, 3, 2)]
        before = await RecollectionRows(world.pool).known(ANN, 3, [])
        assert [item.text for item in before] == ["Fact number 1.", "Fact number 0."]


def test_the_command_names_what_was_recalled() -> None:
    data = ProposeMemories.model_validate(
        orjson.loads(
            b'{"message_id": "00000000-0000-0000-0000-000000000001", "revision": 1, "extractor": "x",'
            b' "source_event_id": "00000000-0000-0000-0000-000000000002", "schema_version": "default-1"}'
        )
    )
    assert data.recalled == [], "commands of before say nothing of it"
