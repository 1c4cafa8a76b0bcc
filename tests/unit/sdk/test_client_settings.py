"""Where a client goes, and as whom: arguments first, then the environment as it is when the client is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import assert_type

import httpx
import pytest

from mneme import AsyncMneme, Mneme
from mneme.answers.search import SearchResults

EMPTY = {"results": [], "position": 0}


class Recorder:
    """Keeps requests and answers each with an empty result."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=EMPTY)

    @property
    def body(self) -> dict[str, object]:
        """The body of the only request."""
        (request,) = self.requests
        body: dict[str, object] = json.loads(request.content)
        return body


@pytest.fixture
def recorder() -> Recorder:
    """A server that says nothing."""
    return Recorder()


@pytest.fixture
def client(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mneme]:
    """Makes clients of that server in an empty environment."""
    for name in ("MNEME_URL", "MNEME_HTTP_PORT", "MNEME_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return lambda *args, **settings: Mneme(*args, transport=httpx.MockTransport(recorder), **settings)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"MNEME_HTTP_PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"MNEME_HTTP_PORT": "8123", "MNEME_URL": "https://mneme.example/api"}, "https://mneme.example/api"),
    ],
)
def test_the_server_is_found_in_the_environment(
    client: Callable[..., Mneme],
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    url: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client().search("tea")
    assert str(recorder.requests[0].url) == f"{url}/v1/retrieve/search"


def test_the_key_is_read_when_the_client_is_made(
    client: Callable[..., Mneme], recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEME_API_KEY", "sk-1")
    client().search("tea")
    assert recorder.requests[0].headers["Authorization"] == "Bearer sk-1"


def test_a_client_without_key_sends_none(client: Callable[..., Mneme], recorder: Recorder) -> None:
    client().search("tea")
    assert "Authorization" not in recorder.requests[0].headers


def test_the_clients_tenant_and_user_stand_in_for_those_a_call_does_not_name(
    client: Callable[..., Mneme], recorder: Recorder
) -> None:
    client(tenant_id="acme", user_id="ada").search("tea", user_id="bob")
    assert recorder.body == {"query": "tea", "tenant_id": "acme", "user_id": "bob"}


def test_with_options_changes_a_copy_only(client: Callable[..., Mneme], recorder: Recorder) -> None:
    first = client(user_id="ada")
    first.with_options(user_id="bob").search("tea")
    first.search("tea")
    assert [json.loads(request.content)["user_id"] for request in recorder.requests] == ["bob", "ada"]


def test_scope_in_filters_is_taken_as_mem0_does(client: Callable[..., Mneme], recorder: Recorder) -> None:
    client().search("tea", filters={"user_id": "ada", "run_id": "c", "agent_id": "chef", "mood": "calm"})
    expected = {"user_id": "ada", "session_id": "c", "namespace": "chef", "filters": {"mood": "calm"}}
    assert recorder.body == {"query": "tea", **expected}


@pytest.mark.parametrize("url", ["mneme", "127.0.0.1:8000", "ftp://mneme", "http://"])
def test_a_url_that_names_no_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is not the URL of a server"):
        Mneme(url)


def test_an_empty_id_never_becomes_the_path_of_a_whole_list(client: Callable[..., Mneme]) -> None:
    with pytest.raises(ValueError, match="empty"):
        client().delete("")


def test_a_key_does_not_show_in_what_is_printed(client: Callable[..., Mneme]) -> None:
    made = client(api_key="sk-secret")
    assert "sk-secret" not in repr(made) + repr(made.runner.options)


def test_the_old_and_the_new_names_are_the_same_verbs() -> None:
    assert (Mneme.remember, Mneme.recall, Mneme.forget) == (Mneme.add, Mneme.search, Mneme.delete)


async def test_type_checkers_know_what_each_client_returns(recorder: Recorder) -> None:
    transport = httpx.MockTransport(recorder)
    with Mneme("http://mneme", transport=transport) as blocking:
        assert_type(blocking.search("tea"), SearchResults)
    async with AsyncMneme("http://mneme", transport=transport) as awaited:
        assert_type(await awaited.search("tea"), SearchResults)
    assert len(recorder.requests) == 2


def test_a_verb_says_what_it_does() -> None:
    assert "best first" in str(Mneme("http://127.0.0.1:1").search.__doc__)
