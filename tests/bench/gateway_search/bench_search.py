"""What a search costs: loading a user, reading what was written since, ranking, and the whole way over HTTP.

Beside it stands the floor, the bare nearest query of the vector store, and the gateway's CPU for each request.

uv run python -m tests.bench.gateway_search.bench_search [--sizes 1000 6000 50000] [--users 0] [--queries 300]

``--users`` adds so many users of 1,000 messages each to the tenant: 1,000 of them make a million. The records are put
where resolver and embedder leave them, past both: 50,000 take a quarter of a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice, product
from pathlib import Path
from uuid import UUID

import psutil

from mneme_common.adapters.embedding_wordllama import WordLlamaModel
from mneme_common.adapters.postgres import Database, insert_rows
from mneme_common.adapters.vectors_pgvector import PgvectorStore
from mneme_common.domain.identifiers import digest, record_id
from mneme_common.domain.records import Message
from mneme_common.domain.vectors import Point, PointKey, RecordKind
from mneme_common.domain.vectors import Scope as VectorScope
from mneme_gateway.auth.caller import Scope
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.search.index import UserIndex
from mneme_gateway.search.pages import IndexPages
from mneme_gateway.search.tokens import Tokeniser
from tests.bench.dialogue import turns_and_questions
from tests.bench.load_client import LoadClient
from tests.bench.measures import percentile
from tests.fixtures.databases import MnemeDatabase, running_cluster
from tests.fixtures.homes import temporary_home
from tests.fixtures.processes import Processes
from tests.integration.gateway.running_gateway import Pipeline
from tests.integration.gateway_search.written import RecordWriter

_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_TENANT = "bench"
_AT_ONCE = 2_000
_OF_OTHERS = 1_000
_FLOOR_QUERIES = 50
_CLIENTS = 16
_PATHS = {"search": ("/v1/retrieve/search", {}), "context": ("/v1/retrieve/context", {"token_budget": 1_000})}

Figures = dict[str, float]


def main() -> None:
    """Prints the figures in milliseconds, and writes JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[6_000, 50_000])
    parser.add_argument("--users", type=int, default=0)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures = asyncio.run(measure(chosen.sizes, chosen.queries, chosen.users))
    for name, figure in figures.items():
        print(f"{name:60} {figure:10,.3f}")  # noqa: T201
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


async def measure(sizes: Sequence[int], queries: int, others: int = 0) -> Figures:
    """Figures of one run on a server of its own."""
    questions = list(islice(cycle(turns_and_questions()[1]), queries))
    figures: Figures = {}
    with temporary_home() as home, running_cluster(home / "pg") as cluster, cluster.copy() as database:
        writer = Database(database.writer_url, name="bench", size=4)
        reader = Database(database.reader_url, name="bench", size=4)
        await writer.open()
        await reader.open()
        for size in sizes:
            await _fill(writer, Scope(_TENANT, f"user{size}"), size)
        for number in range(others):
            await _fill(writer, Scope(_TENANT, f"other{number}"), _OF_OTHERS)
        for size in sizes:
            figures |= await _floor(reader, Scope(_TENANT, f"user{size}"), questions)
        for size in sizes:
            figures |= await _index(reader, writer, Scope(_TENANT, f"user{size}"), questions)
        figures |= await _over_http(database, home, sizes, questions)
        await writer.close()
        await reader.close()
    return figures


async def _index(reader: Database, writer: Database, scope: Scope, questions: Sequence[str]) -> Figures:
    """Without HTTP and vectors: load, delta, BM25."""
    pages, tokeniser, label = IndexPages(reader), Tokeniser(), scope.user_id
    figures: Figures = {}
    index = UserIndex(tokeniser)
    figures[f"{label}: load, words seen for the first time"] = await _timed(partial(pages.extend, index, scope))
    loads = []
    for _ in range(7):
        index = UserIndex(tokeniser)
        loads.append(await _timed(partial(pages.extend, index, scope)))
    figures |= _spread(f"{label}: load", loads)
    view = index.view()
    figures[f"{label}: MB for 100,000 records"] = index.nbytes / len(view.documents) / 10
    nothing = [await _timed(partial(pages.extend, index, scope)) for _ in range(100)]
    figures |= _spread(f"{label}: delta of nothing", nothing)
    records = RecordWriter(writer)
    deltas = []
    for _ in range(50):
        await records.record("one more message about a river", scope)
        deltas.append(await _timed(partial(pages.extend, index, scope)))
        index.view()
    figures |= _spread(f"{label}: delta of one message", deltas)
    ranked = []
    for question in questions:
        started = time.perf_counter()
        view.bm25(question, view.live, Bm25Parameters())
        ranked.append(1000 * (time.perf_counter() - started))
    figures |= _spread(f"{label}: BM25 of every record", ranked)
    return figures


async def _floor(reader: Database, scope: Scope, questions: Sequence[str]) -> Figures:
    """The ten nearest vectors of the user, asked of PostgreSQL alone."""
    model, store = WordLlamaModel(), PgvectorStore(reader)
    owner, vectors = VectorScope(scope.tenant_id, scope.user_id), await model.embed(questions[:_FLOOR_QUERIES])
    taken = [await _timed(partial(store.nearest, owner, model.name, vector, 10)) for vector in vectors]
    return _spread(f"{scope.user_id}: floor, nearest query", taken)


async def _over_http(database: MnemeDatabase, home: Path, sizes: Sequence[int], questions: Sequence[str]) -> Figures:
    """The gateway as a process, pgvector and wordllama behind it; no broker, since nothing is written."""
    processes, figures = Processes(home), {}
    gateway = await asyncio.to_thread(Pipeline(database, processes, "").gateway)
    port, process = int(gateway.url.rsplit(":", 1)[1]), psutil.Process(gateway.process.pid)
    try:
        await _asked(port, 1, "search", [{"query": "warm", "tenant_id": _TENANT, "user_id": "nobody"}])
        for size in sizes:
            bodies = [{"query": text, "tenant_id": _TENANT, "user_id": f"user{size}"} for text in questions]
            figures[f"HTTP, {size}: first search"] = (await _asked(port, 1, "search", bodies[:1]))[0]
            for what, clients in product(_PATHS, (1, _CLIENTS)):
                label = f"HTTP, {size}: {what}, {clients} client(s)"
                cpu, started = sum(process.cpu_times()[:2]), time.perf_counter()
                figures |= _spread(label, await _asked(port, clients, what, bodies))
                figures[f"{label}, per second"] = len(bodies) / (time.perf_counter() - started)
                used = sum(process.cpu_times()[:2]) - cpu
                figures[f"{label}, CPU of the gateway"] = 1000 * used / len(bodies)
    finally:
        await asyncio.to_thread(processes.stop_all)
    return figures


async def _asked(port: int, clients: int, what: str, bodies: Sequence[Mapping[str, object]]) -> list[float]:
    """Milliseconds of each request, in the order of the answers."""
    path, more = _PATHS[what]
    waiting, taken = iter(bodies), []

    async def one() -> None:
        async with LoadClient("127.0.0.1", port) as client:
            for body in waiting:
                answer = await client.post(path, {**body, **more})
                assert answer.status == 200, answer.body[:300]
                taken.append(1000 * answer.seconds)

    await asyncio.gather(*(one() for _ in range(clients)))
    return taken


async def _fill(writer: Database, scope: Scope, size: int) -> None:
    """Dialogue with its vectors, as resolver and embedder leave them."""
    model, store = WordLlamaModel(), PgvectorStore(writer)
    await model.open()
    await store.register(model.name, model.dimension)
    turns, _ = turns_and_questions()
    for first in range(0, size, _AT_ONCE):
        messages = [
            _message(scope, number, f"{turns[number % len(turns)]} {number // len(turns) or ''}")
            for number in range(first, min(first + _AT_ONCE, size))
        ]
        async with writer.transaction([scope.tenant_id]) as connection:
            await insert_rows(connection, "messages", [asdict(message) for message in messages])
        vectors = await model.embed([message.content for message in messages])
        await store.upsert(
            [
                Point(
                    key=PointKey(scope.tenant_id, scope.user_id, model.name, message.message_id),
                    record_id=message.message_id,
                    kind=RecordKind.MESSAGE,
                    content_hash=str(message.from_seq),
                    embedding=vector,
                    from_seq=message.from_seq,
                )
                for message, vector in zip(messages, vectors, strict=True)
            ]
        )
    async with writer.transaction([scope.tenant_id]) as connection:
        owner = {"tenant_id": scope.tenant_id, "user_id": scope.user_id}
        head = owner | {"head_seq": size, "head_time": _DAY, "emitted_seq": size}
        await insert_rows(connection, "heads", [head])


def _message(scope: Scope, number: int, content: str) -> Message:
    moment = _DAY + timedelta(minutes=number)
    event_id = UUID(bytes=digest("bench", scope.user_id, str(number))[:16])
    return Message(
        tenant_id=scope.tenant_id,
        user_id=scope.user_id,
        message_id=record_id(moment, event_id, 0),
        revision=1,
        conversation_id=f"s{number // 40}",
        role="user" if number % 2 else "assistant",
        name=("Ada", "Bob")[number % 2],
        content=content,
        metadata={"turn": number},
        importance_score=0.5,
        importance_override=None,
        namespace=None,
        archived=False,
        occurred_at=moment,
        created_at=moment,
        updated_at=moment,
        event_id=event_id,
        from_seq=number + 1,
    )


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    await work()
    return 1000 * (time.perf_counter() - started)


def _spread(name: str, milliseconds: Sequence[float]) -> Figures:
    """The best, which other work on the machine disturbs least, and the usual percentiles."""
    ordered = sorted(milliseconds)
    shares = {"best": 0.0, "p50": 0.5, "p95": 0.95}
    return {f"{name}, {share}": percentile(ordered, value) for share, value in shares.items()}


if __name__ == "__main__":
    main()
