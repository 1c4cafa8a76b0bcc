"""A circuit breaker as a value: after an endpoint failed for good, it is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST, _LONGEST = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """``failures`` in a row, each after all its retries; closed to calls until ``opens_at`` (seconds of any clock)."""

    failures: int = 0
    opens_at: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether a call may be made now."""
        return now >= self.opens_at

    def after_failure(self, now: float) -> Breaker:
        """Twice as long as the last time, from 1 to 30 seconds; calls that failed side by side count once."""
        if not self.lets_through(now):
            return self
        return Breaker(self.failures + 1, now + min(_LONGEST, _FIRST * 2.0 ** min(self.failures, 8)))

    def after_success(self) -> Breaker:
        """Closed as if nothing had been."""
        return Breaker()
