"""Where nobody needs a key, no web page may use the gateway in a visitor's name."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.gateway.running_gateway import Pipeline, RunningGateway

_SAID = {"role": "user", "content": "Hello."}


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", ""])
async def test_a_foreign_host_is_misdirected(api: httpx.AsyncClient, host: str) -> None:
    answer = await api.get("/v1/conversations", headers={"Host": host})
    assert answer.status_code == 421, answer.text
    assert answer.json()["error"]["code"] == "FOREIGN_HOST"


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1", "[::1]:8000", "LOCALHOST."])
async def test_every_name_of_this_machine_is_answered(api: httpx.AsyncClient, host: str) -> None:
    assert (await api.get("/v1/conversations", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
async def test_a_foreign_origin_is_forbidden(api: httpx.AsyncClient, origin: str) -> None:
    answer = await api.post("/v1/messages", json=_SAID, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FOREIGN_ORIGIN")


async def test_a_page_of_the_gateway_itself_may_call_it(api: httpx.AsyncClient, shared_gateway: RunningGateway) -> None:
    answer = await api.get("/v1/conversations", headers={"Origin": shared_gateway.url})
    assert answer.status_code == 200


async def test_a_request_that_a_browser_calls_cross_site_is_forbidden(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/conversations", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert answer.status_code == 403


def test_a_gateway_for_everybody_does_not_listen_to_the_network(pipeline: Pipeline) -> None:
    settings = {
        "MNEME_READER_DATABASE_URL": pipeline.database.reader_url,
        "MNEME_HTTP_HOST": "0.0.0.0",
        "MNEME_HTTP_PORT": "0",
    }
    process = pipeline.processes.service("gateway", pipeline.environment() | settings)
    assert process.wait(90) != 0
    assert "loopback" in process.log.read_text()


@pytest.mark.parametrize("role", ["owner_url", "superuser_url"])
def test_a_gateway_with_a_role_that_sees_everything_does_not_start(pipeline: Pipeline, role: str) -> None:
    settings = {"MNEME_READER_DATABASE_URL": getattr(pipeline.database, role), "MNEME_HTTP_PORT": "0"}
    process = pipeline.processes.service("gateway", pipeline.environment() | settings)
    assert process.wait(90) != 0
    assert "mneme_reader" in process.log.read_text()
