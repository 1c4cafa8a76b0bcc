"""The circuit breaker as a value, and one for each tenant of an endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mneme_common.adapters.chat_breakers import Breakers
from mneme_common.domain.model_breaker import Breaker, BreakerState


@dataclass
class _Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_half_open_lets_one_call_through_at_a_time() -> None:
    breaker = Breaker().after_failure(0.0)
    assert breaker.state(0.5) is BreakerState.OPEN
    assert breaker.state(1.0) is BreakerState.HALF_OPEN
    assert breaker.lets_through(1.0)
    probing = breaker.after_admission(1.0, patience=60.0)
    assert not probing.lets_through(1.1)
    assert probing.lets_through(61.0), "a probe that never came back does not close the endpoint for ever"
    assert probing.after_success().state(2.0) is BreakerState.CLOSED


def test_a_probe_that_fails_opens_it_for_twice_as_long() -> None:
    probing = Breaker().after_failure(0.0).after_admission(1.0, patience=60.0)
    again = probing.after_failure(5.0)
    assert again.state(6.9) is BreakerState.OPEN
    assert again.lets_through(7.0)
    assert again.wait(5.5) == 1.5


@given(st.lists(st.tuples(st.sampled_from(["call", "fail", "succeed"]), st.floats(0, 40)), max_size=60))
def test_whatever_happens_a_breaker_lets_somebody_through_in_the_end(steps: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(), 0.0
    for step, seconds in steps:
        now += seconds
        if step == "call" and breaker.lets_through(now):
            breaker = breaker.after_admission(now, patience=10.0)
        elif step == "fail":
            breaker = breaker.after_failure(now)
        elif step == "succeed":
            breaker = breaker.after_success()
        assert (breaker.failures == 0) == (breaker.state(now) is BreakerState.CLOSED)
        assert breaker.wait(now) <= 30.0
        assert breaker.lets_through(now + breaker.wait(now))


def test_the_trouble_of_one_tenant_stops_no_other() -> None:
    clock = _Clock()
    breakers = Breakers(clock)
    assert breakers.failed("acme") == 1.0
    assert breakers.admit("acme", patience=60.0) == 1.0
    assert breakers.admit("other", patience=60.0) is None
    assert (breakers.count(BreakerState.OPEN), breakers.count(BreakerState.HALF_OPEN)) == (1, 0)
    clock.now += 1.0
    assert breakers.admit("acme", patience=60.0) is None
    assert breakers.admit("acme", patience=60.0) == 60.0
    assert breakers.count(BreakerState.HALF_OPEN) == 1
    breakers.succeeded("acme")
    assert breakers.admit("acme", patience=60.0) is None
    assert breakers.count(BreakerState.OPEN) + breakers.count(BreakerState.HALF_OPEN) == 0
