"""A circuit breaker as a value: after an endpoint failed for good, it is left alone for a while, then tried once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

_FIRST, _LONGEST = 1.0, 30.0


class BreakerState(StrEnum):
    """CLOSED lets every call through, OPEN none, HALF_OPEN one at a time, to see whether the endpoint is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """``failures`` in a row, each after all its retries; no calls until ``opens_at`` (seconds of any clock).

    ``probed_until`` is when the one call that a half-open breaker lets through counts as lost.
    """

    failures: int = 0
    opens_at: float = 0.0
    probed_until: float = 0.0

    def state(self, now: float) -> BreakerState:
        """Where it stands."""
        if self.failures == 0:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.opens_at else BreakerState.HALF_OPEN

    def lets_through(self, now: float) -> bool:
        """Whether a call may be made now."""
        state = self.state(now)
        return state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and now >= self.probed_until)

    def after_admission(self, now: float, patience: float) -> Breaker:
        """A call has been let through; half open, no other is for so many seconds, or until its outcome is known."""
        return self if self.failures == 0 else replace(self, probed_until=now + patience)

    def after_failure(self, now: float) -> Breaker:
        """Twice as long as the last time, from 1 to 30 seconds; calls that failed side by side count once."""
        if self.state(now) is BreakerState.OPEN:
            return self
        return Breaker(self.failures + 1, now + min(_LONGEST, _FIRST * 2.0 ** min(self.failures, 8)))

    def after_success(self) -> Breaker:
        """Closed as if nothing had been."""
        return Breaker()

    def wait(self, now: float) -> float:
        """Seconds after which it is worth asking again."""
        return max(0.0, max(self.opens_at, self.probed_until) - now)
