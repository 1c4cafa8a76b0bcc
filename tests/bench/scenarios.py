"""The scenarios: each drives the running stack over HTTP and returns measures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import orjson

from mneme_common.testing.waiting import eventually
from tests.bench.load_client import LoadClient
from tests.bench.measures import Measure, latencies, own_cpu_seconds
from tests.bench.stack import count, cpu_microseconds
from tests.fixtures.stacks import StackProcess


@dataclass(frozen=True, slots=True)
class Target:
    """A running gateway and the dialogue to send it."""

    host: str
    port: int
    texts: list[str]
    questions: list[str]
    stack: StackProcess

    def count(self, statement: str) -> int:
        """One number from the stack's database."""
        return count(self.stack, statement)

    def message(self, number: int, user: str) -> dict[str, object]:
        """The ``number``-th message of a user."""
        text = self.texts[number % len(self.texts)]
        return {"conversation_id": f"c{number // 50}", "role": "user", "content": text, "user_id": user}


async def _clients(target: Target, count: int, work: Callable[[LoadClient, int], Awaitable[None]]) -> None:
    async def one(place: int) -> None:
        async with LoadClient(target.host, target.port) as client:
            await work(client, place)

    await asyncio.gather(*(one(place) for place in range(count)))


async def batches(target: Target, messages: int, user: str, clients: int = 4) -> list[Measure]:
    """Batches of 100: accepted without waiting, then until all are recorded, then until every stage is level."""
    cpu = own_cpu_seconds()
    numbers = iter(range(0, messages, 100))
    taken: list[float] = []

    async def work(client: LoadClient, _place: int) -> None:
        for first in numbers:
            body = {"messages": [target.message(number, f"{user}{number % 5}") for number in range(first, first + 100)]}
            await accepted(client, body, taken)

    watch = Watch(target, messages)
    await _clients(target, clients, work)
    seconds = watch.seconds()
    cost = f"load client {(own_cpu_seconds() - cpu) / messages * 1e6:.0f} µs CPU a message"
    return [
        latencies("batches of 100, accepted (messages/s)", taken, seconds, each=100, note=cost),
        *await watch.until_level("batches of 100"),
    ]


async def accepted(client: LoadClient, body: object, taken: list[float]) -> None:
    while True:
        answer = await client.post("/v1/messages/batch", body, wait=0)
        if answer.status != 429:
            assert answer.status in {201, 202, 207}, answer.body[:300]
            taken.append(answer.seconds)
            return
        await asyncio.sleep(float(orjson.loads(answer.body).get("retry_after", 0.2)))


async def singles(target: Target, clients: int, requests: int, user: str, *, wait: float) -> Measure:
    """Single messages; with ``wait`` each request waits for its outcome, so that the write can be read."""
    numbers: Iterator[int] = iter(range(requests))
    taken: list[float] = []

    async def work(client: LoadClient, place: int) -> None:
        for number in numbers:
            answer = await client.post("/v1/messages", target.message(number, f"{user}{place}"), wait=wait)
            assert answer.status in {201, 202}, answer.body[:300]
            taken.append(answer.seconds)

    cpu, started = own_cpu_seconds(), time.perf_counter()
    await _clients(target, clients, work)
    elapsed = time.perf_counter() - started
    what = "waiting for the outcome" if wait else "ack only"
    cost = f"load client {(own_cpu_seconds() - cpu) / requests * 1000:.2f} ms CPU a request"
    return latencies(f"single messages, {clients} client(s), {what}", taken, elapsed, note=cost)


async def searches(target: Target, clients: int, requests: int, user: str, stored: int) -> Measure:
    """Searches of one user's messages and memories, after one that warms up."""
    numbers: Iterator[int] = iter(range(requests))
    taken: list[float] = []

    async def work(client: LoadClient, _place: int) -> None:
        for number in numbers:
            query = target.questions[number % len(target.questions)]
            answer = await client.post("/v1/retrieve/search", {"query": query, "user_id": user, "top_k": 10})
            assert answer.status == 200, answer.body[:300]
            taken.append(answer.seconds)

    async with LoadClient(target.host, target.port) as client:
        await client.post("/v1/retrieve/search", {"query": "warm up", "user_id": user})
    started = time.perf_counter()
    await _clients(target, clients, work)
    return latencies(
        f"search, {clients} client(s), {stored:,} messages of the user", taken, time.perf_counter() - started
    )


class Watch:
    """Tells when so many messages have been recorded, and when all stages have done their part.

    The times are the rows' own, so that asking seldom, which costs the stack little, makes them no less exact.
    """

    def __init__(self, target: Target, messages: int) -> None:
        self._target = target
        self._messages = messages
        self._there = target.count(_RECORDED)
        self._cpu = cpu_microseconds(target.stack)
        self._began = time.time()

    def seconds(self) -> float:
        """Since the start."""
        return time.time() - self._began

    async def until_recorded(self, what: str) -> Measure:
        """Rate, and the CPU of all processes until then."""
        await eventually(self._is_recorded, within=1_200, every=0.5)
        cost = self._cost()
        seconds = self._target.count(_LAST_RECORDED) / 1e6 - self._began
        return Measure(f"{what}, recorded (messages/s)", per_second=self._messages / seconds, note=cost)

    async def until_level(self, what: str) -> list[Measure]:
        """The same, and the rate at which every stage was done: extracted from, and found by vector."""
        recorded = await self.until_recorded(what)
        await eventually(self._is_level, within=1_200, every=1.0)
        cost = self._cost()
        seconds = self._target.count(_LAST_FINISHED) / 1e6 - self._began
        return [recorded, Measure(f"{what}, every stage level (messages/s)", self._messages / seconds, note=cost)]

    async def _is_recorded(self) -> bool:
        return await asyncio.to_thread(self._target.count, _RECORDED) >= self._there + self._messages

    async def _is_level(self) -> bool:
        return not await asyncio.to_thread(self._target.count, UNFINISHED)

    def _cost(self) -> str:
        used = cpu_microseconds(self._target.stack) - self._cpu
        parts = ", ".join(f"{name} {used_by / self._messages:.0f}" for name, used_by in used.most_common(6))
        return f"CPU µs a message: {used.total() / self._messages:.0f} ({parts})"


_RECORDED = "SELECT count(*) FROM messages"
_LAST_RECORDED = "SELECT (extract(epoch FROM max(created_at)) * 1e6)::bigint FROM messages"
_LAST_FINISHED = """
SELECT (extract(epoch FROM greatest((SELECT max(created_at) FROM extractions), (SELECT max(indexed_at) FROM indexed)))
    * 1e6)::bigint
"""
UNFINISHED = """
SELECT (SELECT count(*) FROM messages m WHERE NOT EXISTS
        (SELECT 1 FROM extractions x WHERE x.source_event_id = m.event_id))
    + (SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM indexed i WHERE i.point_id = m.message_id))
    + (SELECT count(*) FROM memories m WHERE m.to_seq IS NULL AND NOT m.tombstone AND NOT EXISTS
        (SELECT 1 FROM indexed i WHERE i.point_id = m.memory_id))
"""


async def level(target: Target) -> None:
    """Returns when no stage has anything left to do."""
    await eventually(lambda: asyncio.to_thread(lambda: not target.count(UNFINISHED)), within=1_200, every=1.0)
