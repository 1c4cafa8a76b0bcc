"""Two thousand messages are sent while parts of the stack are killed: each is stored, extracted and indexed once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from mneme_common.testing.waiting import eventually
from mneme_launcher.postgres import PostgresServer
from tests.fixtures.stacks import StackProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

MESSAGES = 2_000
BATCH = 20
SENDERS = 4
USERS = 10
PARTS = ("mneme_resolver", "mneme_extractor", "mneme_embedder", "mneme_gateway", "mneme_retention", "tansu")
_NOT_NOW = {429, 500, 502, 503, 504}


@pytest.fixture
def stack(home: Path, free_port: int) -> Iterator[StackProcess]:
    """A stack of this test alone."""
    running = StackProcess(home, free_port)
    running.start()
    yield running
    if running.is_running():
        running.stop()


@dataclass
class Sender:
    """Sends batches, each under its own idempotency key until it is accepted whole, as a careful client does."""

    url: str
    sent: int = 0
    refused: list[Any] = field(default_factory=list)

    async def send(self, client: httpx.AsyncClient, first: int) -> None:
        """One batch of messages with unique texts, over several users, one user a batch."""
        messages = [
            {
                "conversation_id": f"c{number % 7}",
                "role": "user",
                "content": f"Message number {number}: I like topic{number}.",
                "user_id": f"user{first // BATCH % USERS}",
            }
            for number in range(first, first + BATCH)
        ]
        await eventually(lambda: self._accepted(client, f"batch-{first}", messages), within=120, every=0.1)
        self.sent += BATCH

    async def _accepted(self, client: httpx.AsyncClient, key: str, messages: list[dict[str, Any]]) -> bool:
        headers = {"Idempotency-Key": key, "Prefer": "wait=1"}
        try:
            answer = await client.post(f"{self.url}/v1/messages/batch", json={"messages": messages}, headers=headers)
        except httpx.TransportError:
            return False
        if answer.status_code in _NOT_NOW:
            return False
        body = answer.json()
        if answer.status_code not in {201, 202, 207} or body.get("errors"):
            self.refused.append(body)
        return True


@asynccontextmanager
async def sending(stack: StackProcess) -> AsyncIterator[Sender]:
    """Sends all messages from several senders while the block runs; the block ends when they are accepted."""
    sender = Sender(stack.url)
    batches = iter(range(0, MESSAGES, BATCH))

    async def run(client: httpx.AsyncClient) -> None:
        for first in batches:
            await sender.send(client, first)

    async with httpx.AsyncClient(timeout=40) as client:
        tasks = [asyncio.create_task(run(client)) for _ in range(SENDERS)]
        yield sender
        await asyncio.gather(*tasks)


async def level(stack: StackProcess, expected: int) -> dict[str, int]:
    """Waits until every stage has done its part, and counts."""
    url = PostgresServer(stack.home / "postgres").superuser_url("mneme")

    def count() -> dict[str, int] | None:
        with psycopg.connect(url) as connection:
            found = connection.execute(_COUNTS).fetchone()
        assert found is not None
        counts = dict(zip(("messages", "texts", "extractions", "unread", "unindexed", "ledger"), found, strict=True))
        done = counts["messages"] >= expected and not counts["unread"] and not counts["unindexed"]
        return counts if done else None

    async def counted() -> dict[str, int] | None:
        try:
            return await asyncio.to_thread(count)
        except psycopg.OperationalError:
            return None

    return await eventually(counted, within=150, every=0.5, message="all stages are level")


_COUNTS = """
SELECT (SELECT count(*) FROM messages), (SELECT count(DISTINCT content) FROM messages),
    (SELECT count(*) FROM extractions),
    (SELECT count(*) FROM messages m WHERE NOT EXISTS
        (SELECT 1 FROM extractions x WHERE x.source_event_id = m.event_id)),
    (SELECT count(*) FROM messages m WHERE m.to_seq IS NULL AND NOT EXISTS
        (SELECT 1 FROM indexed i WHERE i.point_id = m.message_id))
    + (SELECT count(*) FROM memories m WHERE m.to_seq IS NULL AND NOT m.tombstone AND NOT EXISTS
        (SELECT 1 FROM indexed i WHERE i.point_id = m.memory_id)),
    (SELECT count(*) FROM ledger WHERE event_type = 'message.record')
"""


def _has_sent(sender: Sender, messages: int) -> bool:
    return sender.sent >= messages


async def _kill_parts(stack: StackProcess, sender: Sender) -> None:
    for place, part in enumerate((*PARTS, "bin/postgres"), start=1):
        due = place * MESSAGES // (len(PARTS) + 3)
        await eventually(partial(_has_sent, sender, due), within=120)
        children = await eventually(partial(stack.children, part), within=60)
        children[0].kill()


async def _cut_power(stack: StackProcess, sender: Sender) -> None:
    await eventually(lambda: sender.sent >= MESSAGES // 3, within=120)
    stack.kill_all()
    await asyncio.to_thread(stack.start)


@pytest.mark.parametrize("disaster", [_kill_parts, _cut_power], ids=["each part", "everything at once"])
async def test_every_accepted_message_is_there_once_after_a_kill(
    stack: StackProcess, disaster: Callable[[StackProcess, Sender], Awaitable[None]]
) -> None:
    """Stored once, extracted once, indexed once; nothing refused, nothing buried."""
    async with sending(stack) as sender:
        await disaster(stack, sender)
    assert sender.refused == []
    counts = await level(stack, MESSAGES)
    assert (counts["messages"], counts["texts"], counts["extractions"], counts["ledger"]) == (MESSAGES,) * 4
    async with httpx.AsyncClient(base_url=stack.url, timeout=30) as client:
        answer = (await client.get("/v1/conversations", params={"user_id": "user0"})).json()
    assert sum(conversation["message_count"] for conversation in answer["conversations"]) == MESSAGES // USERS
