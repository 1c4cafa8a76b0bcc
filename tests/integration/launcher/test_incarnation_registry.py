"""The directory of broker starts, as the workers' role writes it and the gateway's reads it."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest

from mneme_launcher.incarnation import Incarnation, IncarnationRegistry
from tests.fixtures.databases import MnemeDatabase


@pytest.fixture
def registry(database: MnemeDatabase) -> IncarnationRegistry:
    return IncarnationRegistry(database.writer_url)


def _states(database: MnemeDatabase) -> list[tuple[str, str]]:
    with psycopg.connect(database.reader_url) as connection:
        return connection.execute("SELECT bootstrap, state FROM broker_incarnations ORDER BY started_at").fetchall()


def _report(database: MnemeDatabase, incarnation: Incarnation, stage: str, lag: int) -> None:
    with psycopg.connect(database.writer_url) as connection:
        connection.execute(
            "INSERT INTO workers (stage, instance, ready, lag, processed, failed, buried, per_second, incarnation,"
            " detail, started_at, updated_at) VALUES (%s, 'one', true, %s, 0, 0, 0, 0, %s, '{}', now(), now())"
            " ON CONFLICT (stage, instance) DO UPDATE SET lag = excluded.lag, updated_at = now()",
            (stage, lag, incarnation.name),
        )


def test_an_announced_broker_is_not_open_yet(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    registry.announce("a:1", 4)
    assert _states(database) == [("a:1", "starting")]


def test_opening_a_broker_closes_the_one_before(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    for bootstrap in ("a:1", "b:2"):
        registry.open(registry.announce(bootstrap, 4))
    assert _states(database) == [("a:1", "closed"), ("b:2", "ready")]


def test_every_start_of_a_broker_has_a_name_of_its_own(registry: IncarnationRegistry) -> None:
    names = {registry.announce("a:1", 4).name for _ in range(20)}
    assert len(names) == 20


def test_brokers_of_an_earlier_run_are_closed(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    registry.open(registry.announce("a:1", 4))
    registry.announce("b:2", 4)
    registry.close_all()
    assert _states(database) == [("a:1", "closed"), ("b:2", "closed")]


def test_a_draining_broker_can_still_be_found(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    incarnation = registry.announce("a:1", 4)
    registry.open(incarnation)
    registry.drain(incarnation)
    assert _states(database) == [("a:1", "draining")]


def test_those_who_listen_hear_of_each_change(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    with psycopg.connect(database.reader_url, autocommit=True) as connection:
        connection.execute("LISTEN mneme_broker")
        incarnation = registry.announce("a:1", 4)
        registry.open(incarnation)
        registry.drain(incarnation)
        heard = [notice.channel for notice in connection.notifies(timeout=5, stop_after=2)]
    assert heard == ["mneme_broker", "mneme_broker"]


@pytest.mark.parametrize(
    ("lags", "level"),
    [
        ({"resolver": 0, "extractor": 0, "embedder": 0}, True),
        ({"resolver": 0, "extractor": 1, "embedder": 0}, False),
        ({"resolver": 0, "extractor": 0}, False),
    ],
)
def test_a_broker_is_level_when_every_stage_says_so(
    registry: IncarnationRegistry, database: MnemeDatabase, lags: dict[str, int], level: bool
) -> None:
    incarnation = registry.announce("a:1", 4)
    since = registry.now()
    for stage, lag in lags.items():
        _report(database, incarnation, stage, lag)
    assert registry.is_level(incarnation, since) is level


def test_reports_from_before_do_not_count(registry: IncarnationRegistry, database: MnemeDatabase) -> None:
    incarnation = registry.announce("a:1", 4)
    for stage in ("resolver", "extractor", "embedder"):
        _report(database, incarnation, stage, 0)
    since: datetime = registry.now()
    assert not registry.is_level(incarnation, since)
