"""Scenarios of the pipeline as a whole: past the API, under mixed load, large, at rest, after a stall."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import orjson
from aiokafka import AIOKafkaProducer

from mneme_common.contracts.envelope import key_of
from mneme_common.contracts.topics import TURNS
from tests.bench.load_client import LoadClient
from tests.bench.measures import Measure, latencies
from tests.bench.scenarios import Target, Watch, accepted, batches, level
from tests.bench.stack import bootstrap, cpu_microseconds, memory_mib, text

_USERS = 8


async def direct(target: Target, messages: int) -> list[Measure]:
    """Turns produced straight to the log."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap(target.stack), acks="all", linger_ms=5)
    await producer.start()
    watch = Watch(target, messages)
    try:
        sent = [
            await producer.send(TURNS, value=_turn(target, number), key=key_of("default", f"direct{number % _USERS}"))
            for number in range(messages)
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return await watch.until_level("direct produce")


async def mixed(target: Target, requests: int) -> list[Measure]:
    """Eight clients write, each write waiting for its outcome, while eight search what the others wrote."""
    numbers: Iterator[int] = iter(range(requests))
    taken: dict[str, list[float]] = {"writes": [], "searches": []}

    async def one(kind: str, place: int) -> None:
        async with LoadClient(target.host, target.port) as client:
            for number in numbers:
                if kind == "writes":
                    answer = await client.post("/v1/messages", target.message(number, f"mixed{place}"), wait=2)
                else:
                    query = target.questions[number % len(target.questions)]
                    answer = await client.post("/v1/retrieve/search", {"query": query, "user_id": f"mixed{place}"})
                assert answer.status in {200, 201, 202}, answer.body[:300]
                taken[kind].append(answer.seconds)

    async with LoadClient(target.host, target.port) as client:
        await client.post("/v1/retrieve/search", {"query": "warm up", "user_id": "mixed0"})
    started = time.perf_counter()
    await asyncio.gather(*(one(kind, place) for kind in taken for place in range(_USERS)))
    elapsed = time.perf_counter() - started
    await level(target)
    return [latencies(f"mixed load, {kind}", seconds, elapsed) for kind, seconds in taken.items()]


async def importing(target: Target, messages: int) -> list[Measure]:
    """Many messages in batches of 100, and the memory of all processes after them."""
    taken, recorded, done = await batches(target, messages, "import")
    seconds = messages / (recorded.per_second or 1)
    return [
        Measure(f"import of {messages:,}: {seconds:.1f} s until recorded", recorded.per_second, note=recorded.note),
        Measure(f"import of {messages:,}, every stage level (messages/s)", done.per_second, note=done.note),
        Measure("memory of all processes after it (MiB)", memory_mib(target.stack), note=taken.note),
    ]


async def freshness(target: Target, batches_sent: int) -> list[Measure]:
    """From the answer "accepted" to recorded, found by text and by vector, while batches keep coming."""
    began: list[float] = []
    async with LoadClient(target.host, target.port) as client:
        for first in range(0, batches_sent * 100, 100):
            body = {"messages": [target.message(number, "fresh") for number in range(first, first + 100)]}
            await accepted(client, body, [])
            began.append(time.time())
            await asyncio.sleep(0.2)
    await level(target)
    return [
        _ages("accepted to recorded and found by text", began, target, "SELECT created_at FROM messages m"),
        _ages(
            "accepted to found by vector",
            began,
            target,
            "SELECT i.indexed_at AS created_at, m.from_seq, m.user_id FROM messages m JOIN indexed i"
            " ON i.point_id = m.message_id",
        ),
    ]


async def idle(target: Target, seconds: float) -> list[Measure]:
    """A stack without traffic: after a minute of rest its CPU, then its memory and the first write."""
    await level(target)
    await asyncio.sleep(seconds)
    before, started = cpu_microseconds(target.stack), time.perf_counter()
    await asyncio.sleep(seconds / 2)
    used = cpu_microseconds(target.stack) - before
    share = used.total() / 1e4 / (time.perf_counter() - started)
    parts = ", ".join(f"{name} {cpu / 1e4 / (seconds / 2):.1f}" for name, cpu in used.most_common(6))
    async with LoadClient(target.host, target.port) as client:
        first = await client.post("/v1/messages", target.message(0, "idle"), wait=5)
    return [
        Measure("idle: % of one core", share, note=parts),
        Measure("idle: MiB of all processes", memory_mib(target.stack)),
        Measure("idle: first write, waiting for its outcome", p50_ms=first.seconds * 1000),
    ]


async def stall(target: Target, seconds: float) -> list[Measure]:
    """The resolver stands still for a while as messages come in; how long until everything is done again."""
    (resolver,) = target.stack.children("mneme_resolver.main")
    resolver.send_signal(signal.SIGSTOP)
    sent = 0
    try:
        async with LoadClient(target.host, target.port) as client:
            deadline = time.time() + seconds
            while time.time() < deadline:
                body = {"messages": [target.message(number, "stall") for number in range(10)]}
                answer = await client.post("/v1/messages/batch", body, wait=0)
                sent += 10 if answer.status != 429 else 0
                await asyncio.sleep(1.0)
    finally:
        resolver.send_signal(signal.SIGCONT)
    started = time.perf_counter()
    await level(target)
    took = time.perf_counter() - started
    return [Measure(f"level after the resolver stood still for {seconds:.0f} s (s)", took, note=f"{sent} messages")]


def _turn(target: Target, number: int) -> bytes:
    said = target.message(number, f"direct{number % _USERS}")
    turn = {"tenant": "default", "user": said["user_id"], "role": said["role"], "content": said["content"]}
    return orjson.dumps(turn | {"conversation_id": said["conversation_id"]})


def _ages(scenario: str, began: list[float], target: Target, rows: str) -> Measure:
    """How long after its batch was sent each message had come so far; messages are in the order of their batches."""
    ordered = f"{rows} WHERE m.user_id = 'fresh' AND m.revision = 1 ORDER BY m.from_seq"
    moments = text(target.stack, f"SELECT string_agg(extract(epoch FROM created_at)::text, ' ') FROM ({ordered}) AS r")
    ages = [float(moment) - began[place // 100] for place, moment in enumerate(moments.split())]
    measure = latencies(scenario, ages, max(ages))
    return Measure(measure.scenario, p50_ms=measure.p50_ms, p95_ms=measure.p95_ms)
