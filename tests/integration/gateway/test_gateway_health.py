"""Health, liveness and metrics (features.md, S2-37, S2-38, S4-61, C12)."""

from __future__ import annotations

import httpx
import pytest

from mneme_common.testing.waiting import eventually
from tests.integration.gateway.person import Person

_CHECKS = ("/healthz", "/healthz/ready", "/v1/admin/health", "/v1/admin/readiness")


async def test_the_shortest_health_check_says_ok(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "ok", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", _CHECKS)
async def test_every_health_check_tells_what_works(api: httpx.AsyncClient, path: str) -> None:
    async def resolver_reported() -> dict[str, object] | None:
        health: dict[str, object] = (await api.get(path)).json()
        stages = health["stages"]
        assert isinstance(stages, list)
        return health if any(stage["stage"] == "resolver" and stage["ready"] for stage in stages) else None

    health = await eventually(resolver_reported, within=20)
    assert (health["database"], health["broker"]) == ("ok", "ok")
    assert health["status"] == "degraded", "the other stages do not run here"
    assert health["notes"] == ["No extractor is ready.", "No embedder is ready.", "No retention is ready."]


async def test_an_instance_names_itself(api: httpx.AsyncClient) -> None:
    first, second = [(await api.get("/health/instance")).json() for _ in range(2)]
    assert first["instance_id"] == second["instance_id"]
    assert first["db"] == "ok"


async def test_health_needs_no_credential_where_all_else_does(locked: httpx.AsyncClient) -> None:
    for path in (*_CHECKS, "/health", "/health/instance", "/healthz/live", "/metrics"):
        assert (await locked.get(path)).status_code == 200, path


async def test_metrics_count_requests_and_messages(person: Person) -> None:
    await person.say("Hello.")
    metrics = (await person.client.get("/metrics")).text
    assert 'aiml_requests_total{method="POST",path="/v1/messages",status="201"}' in metrics
    assert 'aiml_messages_ingested_total{mode="single",role="user",status="recorded",tenant="acme"}' in metrics
    assert 'mneme_gateway_writes_total{status="recorded",type="message.record"}' in metrics
    assert "mneme_gateway_publishing 1.0" in metrics


async def test_paths_that_do_not_exist_share_one_label(api: httpx.AsyncClient) -> None:
    await api.get("/v1/no-such-thing-1")
    await api.get("/v1/messages/00000000-0000-7000-8000-000000000000")
    metrics = (await api.get("/metrics")).text
    assert 'path="unmatched"' in metrics
    assert "no-such-thing" not in metrics
    assert 'path="/v1/messages/{message_id}"' in metrics
