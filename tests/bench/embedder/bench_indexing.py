"""Messages a second from changes to stored vectors: wordllama and pgvector, batches as the worker makes them.

uv run python -m tests.bench.embedder.bench_indexing [--messages 20000] [--batch 500] [--lanes 1] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.adapters.postgres import Database
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.domain.identifiers import record_id
from mneme_embedder.decide.targets import IndexableEvent
from mneme_embedder.embedding import Embedding
from mneme_embedder.handlers.index_records import IndexRecords
from mneme_embedder.indexing import Indexing
from mneme_embedder.store.embedding_cache import EmbeddingCacheRows
from mneme_embedder.store.records import RecordRows
from tests.fixtures.databases import running_cluster
from tests.fixtures.dialogue import DIALOGUE
from tests.fixtures.homes import temporary_home
from tests.integration.embedder.rows import NOW, message, write
from tests.unit.embedder.fakes import recorded

_USERS, _TENANTS = 50, 5
_REAL = Path(__file__).parents[4] / "shared" / "data" / "locomo-dev.json"


def turns() -> list[tuple[str, str]]:
    """Speaker and text of real dialogue turns, of our own ones where those are not there."""
    conversations: list[Any] = json.loads(_REAL.read_text()) if _REAL.exists() else DIALOGUE
    return [
        (turn["speaker"], turn["text"])
        for item in conversations
        for part in item["conversation"].values()
        if isinstance(part, list)
        for turn in part
    ]


def main() -> None:
    """Prints a table, and writes JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--cache", action="store_true", help="look vectors up in the cache first")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures = asyncio.run(measure(chosen.messages, chosen.batch, chosen.lanes, cached=chosen.cache))
    for name, figure in figures.items():
        print(f"{name:28} {figure:12,.1f}")  # noqa: T201
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


async def measure(messages: int, batch: int, lanes: int, *, cached: bool) -> dict[str, float]:
    """Figures of one run on a database of its own."""
    with temporary_home() as home, running_cluster(home / "pg") as cluster, cluster.copy() as database:
        pool = Database(database.writer_url, name="bench", size=2 * lanes, by_key=True)
        await pool.open()
        model, store, clock = WordLlamaModel(), PgvectorStore(pool), Clocked()
        await model.open()
        await store.register(model.name, model.dimension)
        cache = EmbeddingCacheRows(pool) if cached else None
        indexing = Indexing(clock.timed(RecordRows(pool)), clock.timed(store), Embedding(clock.timed(model), cache))
        batches = await _recorded(pool, messages, batch)
        try:
            before = _cpu_seconds(cluster.server.pid)
            figures = await _run(IndexRecords(indexing, lambda: NOW), batches, lanes, clock)
            spent = _cpu_seconds(cluster.server.pid) - before
            return figures | {"µs CPU a message (PostgreSQL)": 1e6 * spent / messages}
        finally:
            await pool.close()


class Clocked:
    """Sums up the time spent in the methods of what it wraps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, target: Any) -> Any:
        """The target, with its coroutines timed."""
        clock = self

        class Timed:
            def __getattr__(self, name: str) -> Any:
                found = getattr(target, name)
                return clock.around(name, found) if asyncio.iscoroutinefunction(found) else found

        return Timed()

    def around(self, name: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The function, timed under its name."""

        async def call(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return await function(*args, **kwargs)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

        return call


async def _recorded(pool: Database, messages: int, batch: int) -> list[list[IndexableEvent]]:
    """Writes the rows and returns the changes that announce them, in batches."""
    said, events = turns(), []
    for start in range(0, messages, 5_000):
        rows = []
        for number in range(start, min(start + 5_000, messages)):
            name, text = said[number % len(said)]
            content = f"{text} {number // len(said)}"
            tenant_id, user_id = f"t{number % _TENANTS}", f"u{number % _USERS}"
            message_id, position = record_id(NOW, UUID(int=number), 0), number + 1
            rows.append(
                message(message_id, content, name=name, from_seq=position, tenant_id=tenant_id, user_id=user_id)
            )
            events.append(
                recorded(message_id, content, name=name, position=position, tenant_id=tenant_id, user_id=user_id)
            )
        await write(pool, *rows)
    return [events[start : start + batch] for start in range(0, messages, batch)]


def _cpu_seconds(server: int | None) -> float:
    """CPU time of a database server and of the sessions that are open."""
    parent = psutil.Process(server)
    return sum(sum(process.cpu_times()[:2]) for process in [parent, *parent.children(recursive=True)])


async def _run(
    stage: IndexRecords, batches: Sequence[Sequence[IndexableEvent]], lanes: int, clock: Clocked
) -> dict[str, float]:
    async def lane(number: int) -> None:
        for batch in batches[number::lanes]:
            await stage.apply(batch)

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(lane, range(lanes)))
    elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    total = sum(map(len, batches))
    spent = {f"ms per batch in {name}": 1000 * s / len(batches) for name, s in clock.seconds.items()}
    return {"messages/s": total / elapsed, "µs CPU a message (Python)": 1e6 * cpu / total, **spent}


if __name__ == "__main__":
    main()
