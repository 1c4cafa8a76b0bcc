"""Many writers of one fact: one memory, one chain of versions, no error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mneme_common.testing.addresses import free_port as unused_port
from tests.fixtures.homes import temporary_home
from tests.fixtures.stacks import StackProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WRITES = 100


@pytest.fixture(scope="module")
def stack() -> Iterator[StackProcess]:
    """One stack for the tests of this file; each test has a user of its own."""
    with temporary_home() as home:
        running = StackProcess(home, unused_port())
        running.start()
        yield running
        running.stop()


async def write(client: httpx.AsyncClient, user: str, content: str) -> int:
    """Stores one version of the fact."""
    body = {"user_id": user, "content": content, "key": "residence"}
    answer = await client.post("/v1/memories", json=body, headers={"Prefer": "wait=20"})
    return answer.status_code


async def chain(client: httpx.AsyncClient, user: str) -> list[dict[str, Any]]:
    """The versions of the user's only memory."""
    (memory,) = (await client.get("/v1/memories", params={"user_id": user})).json()["items"]
    history = await client.get(f"/v1/memories/{memory['memory_id']}/history", params={"user_id": user})
    versions = history.json()["versions"]
    assert isinstance(versions, list)
    return versions


async def test_two_clients_writing_one_fact_a_hundred_times_make_one_chain(stack: StackProcess) -> None:
    """Concurrently, from two connections: versions without gaps, one of them active."""
    async with (
        httpx.AsyncClient(base_url=stack.url, timeout=60) as one,
        httpx.AsyncClient(base_url=stack.url, timeout=60) as two,
    ):
        writes = [
            write(client, "many", f"Lives in city {number} of {name}.")
            for number in range(WRITES)
            for name, client in (("one", one), ("two", two))
        ]
        statuses = await asyncio.gather(*writes)
        assert set(statuses) == {201}
        versions = await chain(one, "many")
    assert [version["version"] for version in versions] == list(range(1, 2 * WRITES + 1))
    assert [version["is_active"] for version in versions].count(True) == 1


async def test_a_hundred_of_one_fact_in_one_batch_make_one_chain(stack: StackProcess) -> None:
    """The candidates of an event include the earlier events of its batch."""
    memories = [{"user_id": "batch", "content": f"Lives in city {n}.", "key": "residence"} for n in range(WRITES)]
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as client:
        answer = await client.post("/v1/memories/batch", json={"memories": memories}, headers={"Prefer": "wait=20"})
        versions = await chain(client, "batch")
    assert answer.status_code == 201
    assert [version["version"] for version in versions] == list(range(1, WRITES + 1))


async def test_the_very_same_text_a_hundred_times_is_one_memory_of_one_version(stack: StackProcess) -> None:
    """Saying the same again confirms it (S4-05)."""
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as client:
        bodies = [{"user_id": "same", "content": "Likes tea."}] * WRITES
        headers = {"Prefer": "wait=20"}
        answers = await asyncio.gather(*(client.post("/v1/memories", json=body, headers=headers) for body in bodies))
        versions = await chain(client, "same")
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len({answer.json()["memory_id"] for answer in answers}) == 1
    assert len(versions) == 1
