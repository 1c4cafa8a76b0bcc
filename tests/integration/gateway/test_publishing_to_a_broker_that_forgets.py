"""The embedded broker may end at any time: what was accepted is in the journal, and its order holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from mneme_common.testing.waiting import eventually
from mneme_gateway.errors import ApiError
from mneme_gateway.writing.embedded_publisher import EmbeddedPublisher
from mneme_launcher.tansu import TansuBroker
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import Rows
from tests.integration.gateway.embedded_log import EmbeddedLog, said


@pytest.fixture
def log(database: MnemeDatabase) -> Iterator[EmbeddedLog]:
    """A log whose broker has not been started."""
    broker = TansuBroker()
    yield EmbeddedLog(database, broker)
    broker.kill()


async def test_events_reach_the_log_in_the_order_of_the_journal(log: EmbeddedLog) -> None:
    await log.start()
    async with log.publisher() as publisher:
        await eventually(lambda: publisher.publishing)
        wanted = [f"message {number}" for number in range(300)]
        await asyncio.gather(*(publisher.publish([said("ann", content)]) for content in wanted))
        await eventually(lambda: _equal(log, wanted))


async def test_without_a_broker_events_are_journalled_and_reach_the_next_one(log: EmbeddedLog) -> None:
    async with log.publisher() as publisher:
        for number in range(5):
            await publisher.publish([said("ann", f"early {number}")])
        assert not publisher.publishing
        await log.start()
        await eventually(lambda: publisher.publishing)
        await publisher.publish([said("ann", "late")])
        await eventually(lambda: _equal(log, [*(f"early {number}" for number in range(5)), "late"]))


async def test_a_new_broker_is_told_what_is_left_before_anything_new(log: EmbeddedLog) -> None:
    await log.start()
    accepted: dict[str, list[str]] = {user: [] for user in ("ann", "bob", "cy")}
    async with log.publisher() as publisher:
        await eventually(lambda: publisher.publishing)
        writers = [asyncio.create_task(_write(publisher, user, 150, accepted[user])) for user in accepted]
        for _ in range(2):
            await _thirty_more(accepted)
            log.kill()
            await eventually(lambda: not publisher.publishing)
            await log.start()
        await asyncio.gather(*writers)
        await eventually(lambda: _has_all(log, accepted), within=20)
    on_log = list(dict.fromkeys(await log.contents()))
    for user, contents in accepted.items():
        assert [content for content in on_log if content.startswith(user)] == contents


async def test_a_draining_broker_is_given_nothing_more(log: EmbeddedLog) -> None:
    incarnation = await log.start()
    async with log.publisher() as publisher:
        await eventually(lambda: publisher.publishing)
        await publisher.publish([said("ann", "before")])
        await eventually(lambda: _equal(log, ["before"]))
        log.registry.drain(incarnation)
        await eventually(lambda: not publisher.publishing)
        await publisher.publish([said("ann", "after")])
        assert await log.contents() == ["before"]


async def test_the_order_of_a_user_holds_across_gateways(log: EmbeddedLog) -> None:
    await log.start()
    async with log.publisher() as publisher:
        await eventually(lambda: publisher.publishing)
        await log.journal_without_publishing(uuid4(), [said("ann", "first"), said("bob", "of another user")])
        await publisher.publish([said("ann", "second")])
        await eventually(lambda: _equal(log, ["first", "second"]))


async def test_what_a_dead_gateway_journalled_is_published_by_another(log: EmbeddedLog) -> None:
    await log.start()
    async with log.publisher(sweep_seconds=0.2) as publisher:
        await eventually(lambda: publisher.publishing)
        await log.journal_without_publishing(uuid4(), [said("ann", "orphan")])
        await eventually(lambda: _equal(log, ["orphan"]))


async def test_many_waiting_writes_are_committed_in_few_transactions(log: EmbeddedLog) -> None:
    async with log.publisher() as publisher:
        await asyncio.gather(*(publisher.publish([said("ann", f"{number}")]) for number in range(200)))
    rows = Rows(log.database)
    assert rows.value("SELECT count(*) FROM journal") == 200
    assert rows.value("SELECT count(DISTINCT created_at) FROM journal") < 20


async def test_events_of_several_tenants_are_journalled_in_one_group(log: EmbeddedLog) -> None:
    async with log.publisher() as publisher:
        await publisher.publish([said("ann", "x", tenant="acme"), said("ann", "y", tenant="other")])
    tenants = Rows(log.database).all("SELECT tenant_id FROM journal ORDER BY position")
    assert [row["tenant_id"] for row in tenants] == ["acme", "other"]


async def test_a_write_is_refused_when_the_journal_cannot_be_written(log: EmbeddedLog) -> None:
    away = EmbeddedLog(MnemeDatabase(*["postgresql:///none?host=/nowhere"] * 6), log.broker)
    async with away.publisher() as publisher:
        with pytest.raises(ApiError) as refusal:
            await publisher.publish([said("ann", "x")])
    assert (refusal.value.status_code, refusal.value.code) == (503, "SERVICE_UNAVAILABLE")


async def _write(publisher: EmbeddedPublisher, user: str, count: int, accepted: list[str]) -> None:
    for number in range(count):
        await publisher.publish([said(user, f"{user} {number}")])
        accepted.append(f"{user} {number}")


async def _thirty_more(accepted: dict[str, list[str]]) -> None:
    known = sum(map(len, accepted.values()))
    await eventually(lambda: sum(map(len, accepted.values())) > known + 30)


async def _equal(log: EmbeddedLog, wanted: list[str]) -> bool:
    found = await log.contents()
    assert found == wanted
    return True


async def _has_all(log: EmbeddedLog, accepted: dict[str, list[str]]) -> bool:
    found = set(await log.contents())
    missing = [content for contents in accepted.values() for content in contents if content not in found]
    assert not missing, missing[:5]
    return True
