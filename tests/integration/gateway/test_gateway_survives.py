"""What is away, is killed or is stopped: every answer is honest, and nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from mneme_common.testing.waiting import eventually
from tests.fixtures.brokers import Broker
from tests.fixtures.databases import Cluster
from tests.fixtures.pipeline import Rows
from tests.fixtures.processes import Processes
from tests.integration.gateway.person import Person
from tests.integration.gateway.running_gateway import Pipeline, RunningGateway

_SAID = {"role": "user", "content": "Hello."}


@asynccontextmanager
async def _started(pipeline: Pipeline, **settings: str) -> AsyncIterator[tuple[RunningGateway, Person]]:
    gateway = await asyncio.to_thread(pipeline.gateway, settings)
    async with gateway.client() as client:
        yield gateway, Person(client, "ann")


async def _applied(person: Person, answer: httpx.Response) -> bool:
    operation = (await person.client.get(answer.headers["Location"])).json()
    return bool(operation["status"] == "applied")


async def test_without_a_resolver_a_write_is_durable_and_applied_later(pipeline: Pipeline, tansu: Broker) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    async with _started(pipeline, MNEME_WRITE_WAIT="0.2") as (_, person):
        answer = await person.post("/v1/messages", _SAID)
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        pipeline.worker("resolver")
        await eventually(lambda: _applied(person, answer), within=60)


async def test_without_a_broker_a_write_is_durable_and_applied_later(pipeline: Pipeline, tansu: Broker) -> None:
    pipeline.worker("resolver")
    async with _started(pipeline, MNEME_WRITE_WAIT="0.2") as (_, person):
        answers = [await person.post("/v1/messages", {**_SAID, "content": f"{number}"}) for number in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 202]
        assert (await person.client.get("/healthz")).json()["broker"] == "away"
        await pipeline.open_broker(tansu.bootstrap)
        await eventually(lambda: _applied(person, answers[-1]), within=60)
        read = (await person.get("/v1/conversations/default/messages")).json()["messages"]
        assert [message["content"] for message in read] == ["0", "1", "2"]


async def test_too_many_events_in_flight_are_refused_until_there_is_room(pipeline: Pipeline, tansu: Broker) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    async with _started(pipeline, MNEME_MAX_IN_FLIGHT_PER_TENANT="3", MNEME_WRITE_WAIT="0") as (_, person):
        for _ in range(3):
            assert (await person.post("/v1/messages", _SAID)).status_code == 202
        refused = await person.post("/v1/messages", _SAID)
        assert (refused.status_code, refused.headers["Retry-After"], refused.json()["retry_after"]) == (429, "1", 1)
        neighbour = Person(person.client, "ann", "other")
        assert (await neighbour.post("/v1/messages", _SAID)).status_code == 202

        pipeline.worker("resolver")

        async def has_room() -> bool:
            return (await person.post("/v1/messages", _SAID)).status_code == 202

        await eventually(has_room, within=60)
    assert Rows(pipeline.database).value("SELECT count(*) FROM ledger WHERE tenant_id = 'acme'") >= 3


async def test_a_request_that_takes_too_long_says_that_its_outcome_is_unknown(
    pipeline: Pipeline, tansu: Broker
) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    async with _started(pipeline, MNEME_REQUEST_TIMEOUT="0.5") as (_, person):
        answer = await person.post("/v1/messages", _SAID, {"Prefer": "wait=20"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "TIMEOUT")
        assert "Idempotency-Key" in answer.json()["error"]["hint"]


async def test_a_gateway_that_is_told_to_stop_answers_what_it_has_in_hand(pipeline: Pipeline, tansu: Broker) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    async with _started(pipeline) as (gateway, person):
        waiting = [asyncio.create_task(person.post("/v1/messages", _SAID, {"Prefer": "wait=3"})) for _ in range(5)]
        await eventually(lambda: Rows(pipeline.database).value("SELECT count(*) FROM journal") == 5, within=20)
        gateway.process.signal(signal.SIGTERM)
        answers = await asyncio.gather(*waiting)
    assert [answer.status_code for answer in answers] == [202] * 5
    assert await asyncio.to_thread(gateway.process.wait, 30) == 0


async def test_what_a_killed_gateway_accepted_is_recorded_once(pipeline: Pipeline, tansu: Broker) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    pipeline.worker("resolver")
    accepted: list[str] = []
    async with _started(pipeline) as (gateway, person):
        writers = [asyncio.create_task(_write_until_refused(person, accepted)) for _ in range(8)]
        await eventually(lambda: len(accepted) > 60, within=60)
        gateway.process.signal(signal.SIGKILL)
        await asyncio.gather(*writers)
    async with _started(pipeline):
        rows = Rows(pipeline.database)

        def complete() -> bool:
            recorded = [row["content"] for row in rows.all("SELECT content FROM messages")]
            assert not set(accepted) - set(recorded)
            assert len(recorded) == len(set(recorded))
            return bool(rows.value("SELECT count(*) = 0 FROM journal"))

        await eventually(complete, within=60)


async def test_a_retry_after_a_crash_is_one_write(pipeline: Pipeline, tansu: Broker) -> None:
    await pipeline.open_broker(tansu.bootstrap)
    key = {"Idempotency-Key": uuid4().hex}
    async with _started(pipeline) as (gateway, person):
        first = await person.post("/v1/messages", _SAID, key | {"Prefer": "wait=0"})
        gateway.process.signal(signal.SIGKILL)
    pipeline.worker("resolver")
    async with _started(pipeline, MNEME_WRITE_WAIT="30") as (_, person):
        second = await person.post("/v1/messages", _SAID, key)
        assert (first.status_code, second.status_code, second.json()["position"]) == (202, 201, 1)
    rows = Rows(pipeline.database)
    assert rows.value("SELECT count(*) FROM messages") == 1
    await eventually(lambda: rows.value("SELECT count(*) = 0 FROM journal"))


@dataclass(frozen=True)
class Fragile:
    """A pipeline on a server of its own."""

    cluster: Cluster
    pipeline: Pipeline


@pytest.fixture
def fragile(killable_cluster: Cluster, topic_prefix: str, processes: Processes) -> Iterator[Fragile]:
    """A pipeline whose database can be killed."""
    with killable_cluster.copy() as database:
        yield Fragile(killable_cluster, Pipeline(database, processes, topic_prefix))
        processes.stop_all()


async def test_without_a_database_nothing_is_claimed_and_it_is_found_again(fragile: Fragile, tansu: Broker) -> None:
    pipeline, server = fragile.pipeline, fragile.cluster.server
    await pipeline.open_broker(tansu.bootstrap)
    pipeline.worker("resolver")
    async with _started(pipeline, MNEME_WRITE_WAIT="20") as (_, person):
        kept = await person.say("before")
        server.kill()
        for answer in (await person.post("/v1/messages", _SAID), await person.get(f"/v1/messages/{kept['id']}")):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1"), answer.text
        health = await person.client.get("/healthz/ready")
        assert (health.status_code, health.json()["status"], health.json()["database"]) == (503, "down", "down")

        await asyncio.to_thread(server.start)

        async def is_back() -> bool:
            return (await person.post("/v1/messages", _SAID)).status_code == 201

        await eventually(is_back, within=60)
        assert (await person.get(f"/v1/messages/{kept['id']}")).json()["content"] == "before"


async def _write_until_refused(person: Person, accepted: list[str]) -> None:
    while True:
        content = uuid4().hex
        try:
            answer = await person.post("/v1/messages", {**_SAID, "content": content})
        except httpx.TransportError:
            return
        assert answer.status_code in (201, 202), answer.text
        accepted.append(content)
