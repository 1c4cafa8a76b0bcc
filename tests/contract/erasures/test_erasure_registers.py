"""What every register of erasures keeps: the file of an embedded stack, and the topic on any Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from mneme_common.adapters.erasure_choice import erasure_register_of
from mneme_common.adapters.erasure_file import ErasureFile
from mneme_common.contracts.erasures import ErasureRegister, SubjectErased
from mneme_common.contracts.topics import TopicNames
from mneme_common.settings.erasures import ErasureSettings
from mneme_launcher.topic_setup import create_topics
from tests.fixtures.brokers import Broker

_NOW = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


def _erasure(user: str = "zoe", tenant: str = "acme", after_days: int = 0) -> SubjectErased:
    moment = _NOW + timedelta(days=after_days)
    return SubjectErased(tenant_id=tenant, user_id=user, request_id=uuid4(), erased_at=moment)


@pytest.fixture(params=["file", "tansu", pytest.param("kafka", marks=pytest.mark.kafka)])
async def settings(request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str) -> AsyncIterator[ErasureSettings]:
    """The settings that choose a register."""
    if request.param == "file":
        yield ErasureSettings(erasure_register=tmp_path / "erasures.jsonl")
        return
    broker: Broker = request.getfixturevalue(request.param)
    await create_topics(broker.bootstrap, 2, names=TopicNames(topic_prefix))
    yield ErasureSettings(
        kafka_bootstrap=broker.bootstrap,
        kafka_topic_prefix=topic_prefix,
        kafka_idempotence=broker.kind != "tansu",
    )


def _register(settings: ErasureSettings) -> ErasureRegister:
    found = erasure_register_of(settings)
    assert found is not None
    return found


async def test_the_last_erasure_of_each_user_is_told_to_whoever_opens_the_register(settings: ErasureSettings) -> None:
    first, again = _erasure(), _erasure(after_days=1)
    other, abroad = _erasure("ann"), _erasure(tenant="other")
    assert await _register(settings).erasures() == []
    for erasure in (first, other, again, abroad, again, first):
        await _register(settings).record(erasure)
    assert await _register(settings).erasures() == [other, again, abroad]


async def test_a_line_that_a_crash_broke_off_costs_no_other(tmp_path: Path) -> None:
    register = ErasureFile(tmp_path / "erasures.jsonl")
    first, second = _erasure("ann"), _erasure("bob")
    await register.record(first)
    with (tmp_path / "erasures.jsonl").open("ab") as file:
        file.write(b'{"tenant_id": "ac')
    await register.record(second)
    assert await register.erasures() == [first, second]
    assert (tmp_path / "erasures.jsonl").stat().st_mode & 0o077 == 0


def test_the_embedded_broker_alone_keeps_no_register() -> None:
    assert erasure_register_of(ErasureSettings()) is None
