"""Whether and when a request is sent again."""

from __future__ import annotations

import httpx
import pytest

from mneme import Retry
from mneme.retry import Reply, retry_after

POLICY = Retry(attempts=4, first_pause=1.0, longest_pause=3.0, patience=20.0)


def _pause(reply: Reply, *, attempt: int = 1, paused: float = 0.0, repeatable: bool = True) -> float | None:
    return POLICY.pause(reply, attempt=attempt, paused=paused, repeatable=repeatable, jitter=1.0)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_answers_that_mean_later_are_tried_again(status: int) -> None:
    assert _pause(httpx.Response(status)) == 1.0


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 409, 413, 422, 500])
def test_other_answers_are_final_at_once(status: int) -> None:
    assert _pause(httpx.Response(status)) is None


def test_pauses_double_up_to_the_longest() -> None:
    assert [_pause(httpx.Response(503), attempt=attempt) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 3.0, None]


def test_retry_after_is_honoured_when_it_is_longer() -> None:
    assert _pause(httpx.Response(429, headers={"Retry-After": "7"})) == 7.0


def test_a_pause_beyond_the_patience_is_giving_up() -> None:
    assert _pause(httpx.Response(503), paused=19.5) is None


def test_what_must_not_be_done_twice_is_repeated_only_when_it_was_not_done() -> None:
    lost, refused = httpx.ReadError("reset"), httpx.ConnectError("refused")
    replies = (lost, refused, httpx.Response(503), httpx.Response(429))
    assert [_pause(reply, repeatable=False) for reply in replies] == [None, 1.0, None, 1.0]


def test_half_of_a_pause_is_left_to_chance() -> None:
    reply = httpx.Response(503)
    assert POLICY.pause(reply, attempt=1, paused=0.0, repeatable=True, jitter=0.0) == 0.5


def test_retry_after_may_be_a_date_that_counts_from_the_answers_own() -> None:
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert retry_after(httpx.Response(503, headers=headers)) == 30.0


def test_a_retry_after_that_makes_no_sense_is_none() -> None:
    assert retry_after(httpx.Response(503, headers={"Retry-After": "soon"})) is None
