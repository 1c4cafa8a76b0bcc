"""What a message costs the resolver and its database when little and when much is stored: CPU, and their ratio.

python -m tests.bench.resolver.bench_growth [STORED...]      default: 10000 300000
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.commands import Proposal, ProposeMemories
from mneme_common.runtime.stage import ignore
from mneme_resolver.changes import ChangesOfEvents
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.handlers.apply_events import ApplyEvents
from mneme_resolver.store.event_store import PostgresEventStore
from tests.bench.dialogue import turns_and_questions
from tests.fixtures.databases import running_cluster
from tests.fixtures.homes import temporary_home
from tests.fixtures.keys import subject_keys
from tests.fixtures.pipeline import TENANT, event, said

_USERS, _OF_HUNDRED = 50, 7
"""Users who share what is stored, and of how many in a hundred messages a memory is made, as in real dialogue."""

_BATCHES, _BATCH = 12, 400
_TOPICS = ("tea", "chess", "jazz", "running", "sushi", "opera", "gardening", "sailing", "pottery", "poetry", "skiing")

_MESSAGES = """
INSERT INTO messages (tenant_id, user_id, message_id, revision, conversation_id, role, content, metadata,
    importance_score, archived, occurred_at, created_at, updated_at, event_id, from_seq)
SELECT 'acme', 'u' || n %% {users}, uuidv7(), 1, 'c' || n / 5000, 'user', repeat(md5(n::text) || ' ', 3), '{{}}', 0.5,
    false, now(), now(), now(), gen_random_uuid(), n / {users} + 1 FROM generate_series(0, %s - 1) AS n
"""
_LEDGER = """
INSERT INTO ledger (tenant_id, event_id, user_id, seq, event_type, type_version, source, status, request_hash, payload,
    decision, decider_version, outcome, applied_at)
SELECT tenant_id, event_id, user_id, from_seq, 'message.record', 1, 'bench', 'applied', repeat('a', 64),
    decode(repeat(md5(message_id::text), 8), 'hex'), '{"actions": [{"action": "create", "basis": "request"}]}', '2',
    jsonb_build_object('status', 201, 'message_id', message_id), now() FROM messages
"""
_MEMORIES = """
INSERT INTO memories (tenant_id, user_id, memory_id, root_id, version, kind, memory_type, memory_class, schema_version,
    object_key, content, values, content_hash, tags, trust_tier, initial_confidence, importance, pinned, status, source,
    source_message_ids, spans, extra_metadata, op, tombstone, observed_at, created_at, event_id, from_seq)
SELECT tenant_id, user_id, message_id, message_id, 1, 'trait', 'semantic', 'preference', 'default-1',
    message_id::text, content, jsonb_build_object('subject', 'user', 'topic', md5(message_id::text)), '', '{}', 'T3',
    0.9, 0.5, false, 'active', 'extractor/rules', '{}', '[]', '{}', 'create', false, now(), now(), event_id, from_seq
FROM messages WHERE from_seq %% 100 < %s
"""
_EXTRACTIONS = """
INSERT INTO extractions (tenant_id, user_id, source_event_id, schema_version, run, message_id, revision, extractor,
    usage, proposals, event_id, seq, created_at)
SELECT tenant_id, user_id, event_id, 'default-1', 'live', message_id, 1, 'rules', '{}', 0, event_id, from_seq, now()
FROM messages
"""
_HEADS = """
INSERT INTO heads (tenant_id, user_id, head_seq, emitted_seq, head_time)
SELECT tenant_id, user_id, max(from_seq), max(from_seq), now() FROM messages GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU a message."""

    stored: int
    python: float
    postgres: float

    @property
    def whole(self) -> float:
        """Of both."""
        return self.python + self.postgres


def main() -> None:
    """Prints a line for each size, and the ratio of the last to the first."""
    sizes = [int(text) for text in sys.argv[1:]] or [10_000, 300_000]
    with temporary_home() as home:
        costs = [asyncio.run(measure(home / str(stored), stored)) for stored in sizes]
    for cost in costs:
        sys.stdout.write(f"{cost.stored:>10,} stored: {cost.whole:6.0f} µs CPU a message"
                         f" (resolver {cost.python:.0f}, PostgreSQL {cost.postgres:.0f})\n")  # fmt: skip
    sys.stdout.write(f"ratio: {costs[-1].whole / costs[0].whole:.2f}\n")


async def measure(home: Path, stored: int) -> Cost:
    """What a message costs, its proposals included, in a database that holds so many."""
    with running_cluster(home) as cluster, cluster.copy() as made:
        _fill(made.superuser_url, stored)
        database = Database(made.writer_url, name="bench", by_key=True)
        await database.open()
        try:
            resolver = _Resolver(database)
            await resolver.batch(0)
            before = time.process_time(), _server_seconds(cluster.server.pid)
            for number in range(1, _BATCHES + 1):
                await resolver.batch(number)
            python, postgres = time.process_time() - before[0], _server_seconds(cluster.server.pid) - before[1]
        finally:
            await database.close()
    messages = _BATCHES * _BATCH
    return Cost(stored, python / messages * 1e6, postgres / messages * 1e6)


class _Resolver:
    """The resolver's stage without the log around it."""

    def __init__(self, database: Database) -> None:
        keys = subject_keys()
        store = PostgresEventStore(database=database, keys=keys, clock=_now, checkpoint=ignore)
        self._stage = ApplyEvents(store, ChangesOfEvents(_now))
        self._store = store
        self._texts, _ = turns_and_questions()

    async def batch(self, number: int) -> None:
        """Messages of every user, then what was found in some of them."""
        first = number * _BATCH
        recorded = await self._apply(
            [
                event(said(self._texts[n % len(self._texts)]), user=f"u{n % _USERS}")
                for n in range(first, first + _BATCH)
            ]
        )
        share = _BATCH * _OF_HUNDRED // 100
        await self._apply([self._proposal(n, source, change) for n, (source, change) in enumerate(recorded[:share])])

    async def _apply(self, events: list[ResolverEvent]) -> list[tuple[ResolverEvent, MessageRecorded]]:
        applied = await self._store.apply(events)
        await self._stage.mark_emitted(events)
        return [(one, change) for one, changes in applied for change in changes if isinstance(change, MessageRecorded)]

    def _proposal(self, number: int, source: ResolverEvent, change: MessageRecorded) -> ResolverEvent:
        topic = f"{_TOPICS[number % len(_TOPICS)]} {uuid4().hex[:4]}"
        found = Proposal(
            action="create",
            memory_class="preference",
            values={"subject": "user", "topic": topic, "sentiment": "like"},
            content=f"The user likes {topic}.",
            confidence=0.9,
        )
        return event(
            ProposeMemories(
                message_id=change.message_id,
                revision=1,
                source_event_id=source.event_id,
                extractor="rules",
                schema_version="default-1",
                proposals=[found],
            ),
            user=source.user_id,
        )


def _fill(url: str, stored: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_MESSAGES.format(users=_USERS).encode(), (stored,))
        connection.execute(_MEMORIES.encode(), (_OF_HUNDRED,))
        for statement in (_LEDGER, _EXTRACTIONS, _HEADS, "VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(statement.encode())


def _server_seconds(pid: int | None) -> float:
    """CPU of a database server and of the sessions that are open."""
    server = psutil.Process(pid)
    return sum(sum(process.cpu_times()[:2]) for process in [server, *server.children(recursive=True)])


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    assert TENANT == "acme"
    main()
