"""What each service is started with."""

from __future__ import annotations

import pytest

from mneme_launcher.provision import DatabaseUrls
from mneme_launcher.service_plan import STOP_ORDER, WORKERS, plan_services
from mneme_launcher.settings import StackSettings

_URLS = DatabaseUrls("postgresql://owner", "postgresql://reader", "postgresql://writer")
_PORTS = {name: 9000 + number for number, name in enumerate(WORKERS)}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> StackSettings:
    for name in ("MNEME_KAFKA_BOOTSTRAP", "MNEME_PARTITIONS", "MNEME_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)
    return StackSettings()


def _environments(settings: StackSettings, **outer: str) -> dict[str, dict[str, str]]:
    plans = plan_services(settings, _URLS, "key", _PORTS, outer)
    return {plan.name: dict(plan.environment) for group in plans for plan in group}


def test_every_service_is_started_and_stopped(settings: StackSettings) -> None:
    assert set(_environments(settings)) == {name for group in STOP_ORDER for name in group}


def test_no_service_gets_the_url_of_the_owner(settings: StackSettings) -> None:
    found = _environments(settings, MNEME_DATABASE_URL="postgresql://owner")
    assert not any("postgresql://owner" in environment.values() for environment in found.values())


def test_the_gateway_reads_and_the_workers_write(settings: StackSettings) -> None:
    found = _environments(settings)
    urls = {
        name: (own.get("MNEME_READER_DATABASE_URL"), own.get("MNEME_WRITER_DATABASE_URL"))
        for name, own in found.items()
    }
    assert urls == {"gateway": ("postgresql://reader", None)} | dict.fromkeys(WORKERS, (None, "postgresql://writer"))


def test_the_master_key_of_tenants_is_for_the_gateway_alone(settings: StackSettings) -> None:
    found = _environments(settings, MNEME_MASTER_KEY="secret")
    assert {name for name, own in found.items() if "MNEME_MASTER_KEY" in own} == {"gateway"}


def test_each_worker_has_a_health_port_of_its_own(settings: StackSettings) -> None:
    found = _environments(settings, MNEME_WORKER_PORT="1")
    assert {name: int(found[name]["MNEME_WORKER_PORT"]) for name in WORKERS} == _PORTS


def test_the_embedded_broker_gets_short_waits_and_no_groups(settings: StackSettings) -> None:
    found = _environments(settings)
    waits = {name: own["MNEME_KAFKA_FETCH_MAX_WAIT_MS"] for name, own in found.items()}
    assignments = {own["MNEME_KAFKA_ASSIGNMENT"] for own in found.values()}
    assert (waits["resolver"], waits["extractor"], assignments) == ("5", "200", {"all"})


def test_a_kafka_keeps_the_defaults_of_the_services(settings: StackSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_KAFKA_BOOTSTRAP", "kafka:9092")
    resolver = _environments(StackSettings())["resolver"]
    assert "MNEME_KAFKA_ASSIGNMENT" not in resolver


def test_what_the_user_has_set_goes_through(settings: StackSettings) -> None:
    found = _environments(settings, OPENAI_API_KEY="sk", MNEME_KAFKA_FETCH_MAX_WAIT_MS="50")
    assert (found["extractor"]["OPENAI_API_KEY"], found["resolver"]["MNEME_KAFKA_FETCH_MAX_WAIT_MS"]) == ("sk", "50")


def test_linear_algebra_keeps_to_one_thread(settings: StackSettings) -> None:
    found = _environments(settings, OPENBLAS_NUM_THREADS="8")
    assert {own["OPENBLAS_NUM_THREADS"] for own in found.values()} == {"1"}


def test_few_partitions_are_the_default_of_the_embedded_broker_alone(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEME_KAFKA_BOOTSTRAP", "kafka:9092")
    assert (settings.partitions, StackSettings().partitions) == (4, 48)


def test_a_given_number_of_partitions_is_kept(settings: StackSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_PARTITIONS", "12")
    assert StackSettings().partitions == 12


def test_the_stages_that_nobody_waits_for_give_way_to_the_others(settings: StackSettings) -> None:
    plans = [plan for group in plan_services(settings, _URLS, "key", _PORTS, {}) for plan in group]
    nice = {plan.name: plan.niceness for plan in plans}
    assert nice["gateway"] == nice["resolver"] == 0
    assert min(nice["extractor"], nice["embedder"]) > 0
