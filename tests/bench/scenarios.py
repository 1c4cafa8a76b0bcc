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


@dataclass(frozen=True, slots=True)
class Target:
    """A running gateway and the dialogue to send it."""

    host: str
    port: int
    texts: list[str]
    questions: list[str]
    recorded: Callable[[], int]
    unfinished: Callable[[], int]

    def message(self, number: int, user: str) -> dict[str, object]:
        """The ``number``-th message of a user."""
        text = self.texts[number % len(self.texts)]
        return {"conversation_id": f"c{number // 50}", "role": "user", "content": text, "user_id": user}


async def _clients(target: Target, count: int, work: Callable[[LoadClient, int], Awaitable[None]]) -> None:
    async def one(place: int) -> None:
        async with LoadClient(target.host, target.port) as client:
            await work(client, place)

    await asyncio.gather(*(one(place) for place in range(count)))


async def batches(target: Target, messages: int, user: str) -> list[Measure]:
    """Batches of 100 by four clients: accepted without waiting, then until all are recorded."""
    before, cpu = await _counted(target), own_cpu_seconds()
    numbers = iter(range(0, messages, 100))
    taken: list[float] = []

    async def work(client: LoadClient, _place: int) -> None:
        for first in numbers:
            body = {"messages": [target.message(number, f"{user}{number % 5}") for number in range(first, first + 100)]}
            await _accepted(client, body, taken)

    started = time.perf_counter()
    await _clients(target, 4, work)
    accepted = time.perf_counter() - started
    await eventually(lambda: _reached(target, before + messages), within=600, every=0.05)
    recorded = time.perf_counter() - started
    cost = f"load client {(own_cpu_seconds() - cpu) / messages * 1e6:.0f} µs CPU a message"
    return [
        latencies("batches of 100, accepted (messages/s)", taken, accepted, each=100, note=cost),
        Measure("batches of 100, recorded (messages/s)", per_second=messages / recorded),
    ]


async def _accepted(client: LoadClient, body: object, taken: list[float]) -> None:
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


async def _reached(target: Target, messages: int) -> bool:
    return await _counted(target) >= messages


async def _finished(target: Target) -> bool:
    return not await asyncio.to_thread(target.unfinished)


async def _counted(target: Target) -> int:
    return await asyncio.to_thread(target.recorded)


async def level(target: Target, started: float, messages: int) -> Measure:
    """Until every stage has done its part: extracted, and found by vector."""
    await eventually(lambda: _finished(target), within=1_200, every=0.2)
    return Measure("every stage level (messages/s)", per_second=messages / (time.perf_counter() - started))
