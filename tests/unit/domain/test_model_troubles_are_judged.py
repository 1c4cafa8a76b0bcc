"""What follows from a failed call to a model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mneme_common.adapters.retry_after import parse_retry_after
from mneme_common.domain.model_breaker import Breaker
from mneme_common.domain.model_capabilities import Capabilities, without_refused
from mneme_common.domain.model_retrying import Away, CallFailure, Refused, Retry, RetryPolicy, Trouble, next_step

_POLICY = RetryPolicy(attempts=4, first=0.5, longest=10.0, longest_retry_after=30.0)


def _status(status: int, *, code: str = "", retry_after: float | None = None) -> CallFailure:
    return CallFailure(Trouble.STATUS, status, code, retry_after)


@pytest.mark.parametrize(
    "failure",
    [
        CallFailure(Trouble.CONNECTION),
        CallFailure(Trouble.TIMEOUT),
        CallFailure(Trouble.GARBLED),
        *map(_status, (408, 409, 429, 500, 502, 503, 529)),
    ],
)
def test_what_passes_is_tried_again_until_the_attempts_are_used_up(failure: CallFailure) -> None:
    steps = [next_step(failure, attempt, _POLICY, 1.0, proven=True) for attempt in (1, 2, 3, 4)]
    assert steps == [Retry(0.5), Retry(1.0), Retry(2.0), Away()]


def test_jitter_halves_the_delay_at_most() -> None:
    failure = CallFailure(Trouble.CONNECTION)
    assert next_step(failure, 2, _POLICY, 0.0, proven=True) == Retry(0.5)
    assert next_step(failure, 2, _POLICY, 0.5, proven=True) == Retry(0.75)


def test_the_delay_stops_doubling_at_the_longest() -> None:
    patient = RetryPolicy(attempts=20)
    assert next_step(CallFailure(Trouble.TIMEOUT), 12, patient, 1.0, proven=True) == Retry(10.0)


def test_retry_after_is_kept_and_capped() -> None:
    assert next_step(_status(429, retry_after=7.0), 1, _POLICY, 0.0, proven=True) == Retry(7.0)
    assert next_step(_status(429, retry_after=3600.0), 1, _POLICY, 0.0, proven=True) == Retry(30.0)
    assert next_step(_status(503, retry_after=0.0), 1, _POLICY, 0.0, proven=True) == Retry(0.0)


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("proven", [True, False])
def test_a_wrong_key_or_model_buries_nothing_and_is_not_hammered(status: int, proven: bool) -> None:
    assert next_step(_status(status), 1, _POLICY, 0.5, proven=proven) == Away()


def test_an_empty_account_is_not_tried_again_at_once() -> None:
    assert next_step(_status(429, code="insufficient_quota"), 1, _POLICY, 0.5, proven=True) == Away()


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_counts_against_the_message_only_once_the_endpoint_has_answered(status: int) -> None:
    assert next_step(_status(status), 1, _POLICY, 0.5, proven=True) == Refused()
    assert next_step(_status(status), 1, _POLICY, 0.5, proven=False) == Away()


@pytest.mark.parametrize("failure", [_status(400, code="context_length_exceeded"), _status(413)])
def test_a_message_that_is_too_long_is_refused_at_once(failure: CallFailure) -> None:
    assert next_step(failure, 1, _POLICY, 0.5, proven=False) == Refused()


_NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, _NOW) == seconds


def test_an_endpoint_that_refuses_parameters_is_asked_for_less_step_by_step() -> None:
    first = without_refused(Capabilities(), "response_format Invalid parameter: json_schema")
    assert first == Capabilities(json_schema=False)
    second = without_refused(first, "'response_format.type' must be 'text'")
    assert second == Capabilities(json_schema=False, json_object=False)
    assert without_refused(second, "unknown field response_format") is None


@pytest.mark.parametrize(
    ("said", "remaining"),
    [
        ("temperature Only the default (1) value is supported", Capabilities(temperature=False)),
        ("Unknown parameter: seed", Capabilities(seed=False)),
        ("messages too long", None),
        ("we succeeded nowhere", None),
    ],
)
def test_what_a_refusal_names_is_left_out(said: str, remaining: Capabilities | None) -> None:
    assert without_refused(Capabilities(), said) == remaining


def test_a_form_of_answer_follows_from_what_is_understood() -> None:
    assert Capabilities().response_format == "json_schema"
    assert Capabilities(json_schema=False).response_format == "json_object"
    assert Capabilities(json_schema=False, json_object=False).response_format == "text"


def test_a_breaker_opens_longer_with_each_failure_and_closes_with_success() -> None:
    breaker = Breaker()
    assert breaker.lets_through(0.0)
    breaker = breaker.after_failure(100.0)
    assert not breaker.lets_through(100.9)
    assert breaker.lets_through(101.0)
    breaker = breaker.after_failure(101.0)
    assert not breaker.lets_through(102.9)
    assert breaker.after_success().lets_through(102.0)


def test_failures_side_by_side_count_once() -> None:
    breaker = Breaker().after_failure(100.0)
    assert breaker.after_failure(100.1) == breaker


def test_a_breaker_never_stays_open_longer_than_half_a_minute() -> None:
    breaker, now = Breaker(), 0.0
    for _ in range(20):
        breaker = breaker.after_failure(now)
        assert breaker.opens_at - now <= 30.0
        now = breaker.opens_at
