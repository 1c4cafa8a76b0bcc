"""What a client does when the server, or the way to it, misbehaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mneme import (
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    PendingError,
    RateLimitedError,
    Retry,
    UnavailableError,
    UnexpectedAnswerError,
    UnprocessableError,
)
from mneme_common.testing.addresses import free_port
from tests.contract.scripted_http import Reply, Request, ScriptedServer, as_json, scripted_server
from tests.fixtures.clients import Connect

MESSAGE = {"id": "m-1", "role": "user", "content": "Tea, please.", "conversation_id": "c", "position": 7}
DROPPED = Reply(dropped=True)


def _error(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    described = {"code": code, "message": message, "request_id": "r-1", "timestamp": "2026-01-01T00:00:00Z"}
    return as_json({"detail": message, "error": described}, status, **headers)


def _in_turn(*replies: Reply) -> Callable[[Request], Reply]:
    left = list(replies)

    def script(_: Request) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def _keys(server: ScriptedServer) -> list[str]:
    return [request.headers["idempotency-key"] for request in server.requests]


@pytest.mark.parametrize(
    "failure",
    [_error(429, "RATE_LIMITED", Retry_After="0"), _error(503, "OUTCOME_UNKNOWN"), Reply(502, b"<html>"), DROPPED],
    ids=["429", "503", "502", "dropped"],
)
async def test_a_write_is_repeated_with_the_same_key(connect: Connect, failure: Reply) -> None:
    script = _in_turn(failure, failure, as_json(MESSAGE, 201))
    async with scripted_server(script) as server, connect(server.url) as call:
        message = await call("messages.record", "Tea, please.")
        assert (message.id, len(_keys(server)), len(set(_keys(server)))) == ("m-1", 3, 1)


async def test_two_writes_have_different_keys(connect: Connect) -> None:
    async with scripted_server(_in_turn(as_json(MESSAGE, 201))) as server, connect(server.url) as call:
        await call("messages.record", "Tea, please.")
        await call("messages.record", "Tea, please.")
        assert len(set(_keys(server))) == 2


async def test_a_key_that_is_given_is_the_one_sent(connect: Connect) -> None:
    async with scripted_server(_in_turn(as_json(MESSAGE, 201))) as server, connect(server.url) as call:
        await call("messages.record", "Tea, please.", idempotency_key="order-5")
        assert _keys(server) == ["order-5"]


async def test_a_request_to_retry_later_than_patience_allows_is_an_error_that_says_when(connect: Connect) -> None:
    script = _in_turn(_error(429, "RATE_LIMITED", Retry_After="3600"))
    async with scripted_server(script) as server, connect(server.url) as call:
        with pytest.raises(RateLimitedError) as raised:
            await call("messages.record", "Tea, please.")
        assert (raised.value.retry_after, len(server.requests)) == (3600, 1)


async def test_attempts_are_bounded_and_the_last_error_says_that_the_outcome_is_unknown(connect: Connect) -> None:
    script = _in_turn(_error(503, "OUTCOME_UNKNOWN"))
    async with scripted_server(script) as server, connect(server.url) as call:
        with pytest.raises(UnavailableError) as raised:
            await call("messages.record", "Tea, please.")
        known = (raised.value.outcome_unknown, raised.value.idempotency_key, len(server.requests))
        assert known == (True, _keys(server)[0], 5)


async def test_an_unreachable_server_is_named_and_nothing_is_unknown(connect: Connect) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with connect(url) as call:
        with pytest.raises(ConnectionFailedError, match=url) as raised:
            await call("messages.record", "Tea, please.")
        assert not raised.value.outcome_unknown


async def test_an_answer_that_never_comes_leaves_the_outcome_of_a_write_unknown(connect: Connect) -> None:
    settings = {"timeout": 0.05, "retry": Retry(attempts=2, first_pause=0.01)}
    async with scripted_server(_in_turn(Reply(slow=True))) as server, connect(server.url, **settings) as call:
        with pytest.raises(ConnectionFailedError) as raised:
            await call("messages.record", "Tea, please.")
        assert (raised.value.outcome_unknown, len(server.requests)) == (True, 2)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (_error(403, "SECRET_FOUND"), ForbiddenError),
        (_error(409, "IDEMPOTENCY_CONFLICT"), ConflictError),
        (_error(422, "VALIDATION_ERROR"), UnprocessableError),
    ],
    ids=["403", "409", "422"],
)
async def test_a_refusal_is_not_repeated_and_carries_what_the_server_said(
    connect: Connect, reply: Reply, kind: type[Exception]
) -> None:
    async with scripted_server(_in_turn(reply)) as server, connect(server.url) as call:
        with pytest.raises(kind) as raised:
            await call("messages.record", "Tea, please.")
        assert isinstance(raised.value, ForbiddenError | ConflictError | UnprocessableError)
        assert (raised.value.message, raised.value.request_id, len(server.requests)) == ("No.", "r-1", 1)


async def test_a_page_of_html_is_an_unexpected_answer(connect: Connect) -> None:
    script = _in_turn(Reply(200, b"<html>", {"Content-Type": "text/html"}))
    async with scripted_server(script) as server, connect(server.url) as call:
        with pytest.raises(UnexpectedAnswerError, match="text/html"):
            await call("messages.get", "m-1")


def _slow_resolver(polls: int) -> Callable[[Request], Reply]:
    """Answers a write with 202, its operation with "pending" for ``polls`` times, then both with the outcome."""
    asked = 0

    def script(request: Request) -> Reply:
        nonlocal asked
        known = asked >= polls
        if request.path.startswith("/v1/operations/"):
            asked += 1
            return as_json({"operation_id": "o-1", "status": "applied" if known else "pending"})
        if known:
            return as_json(MESSAGE, 201)
        return as_json({"operation_id": "o-1", "status": "pending", "operation_url": "/v1/operations/o-1"}, 202)

    return script


async def test_a_pending_write_is_asked_for_until_it_is_done(connect: Connect) -> None:
    async with scripted_server(_slow_resolver(polls=3)) as server, connect(server.url, wait=0) as call:
        message = await call("messages.record", "Tea, please.")
        writes = [request for request in server.requests if request.method == "POST"]
        keys = {request.headers["idempotency-key"] for request in writes}
        assert (message.id, len(writes), len(keys)) == ("m-1", 2, 1)


async def test_a_write_that_stays_pending_is_an_error_with_the_operation(connect: Connect) -> None:
    settings = {"outcome_timeout": 0.1}
    async with scripted_server(_slow_resolver(polls=10**6)) as server, connect(server.url, **settings) as call:
        with pytest.raises(PendingError) as raised:
            await call("messages.record", "Tea, please.")
        assert raised.value.operation_id == "o-1"


async def test_who_does_not_want_to_wait_for_outcomes_is_told_at_once(connect: Connect) -> None:
    settings = {"wait": 0, "wait_for_outcome": False}
    async with scripted_server(_slow_resolver(polls=10**6)) as server, connect(server.url, **settings) as call:
        with pytest.raises(PendingError):
            await call("messages.record", "Tea, please.")
        assert [request.headers.get("prefer") for request in server.requests] == ["wait=0"]
