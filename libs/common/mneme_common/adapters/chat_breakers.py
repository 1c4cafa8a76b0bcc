"""The circuit breakers of one endpoint: one for each tenant, so that the trouble of one stops nobody else."""

from __future__ import annotations

from collections.abc import Callable

from mneme_common.domain.model_breaker import Breaker, BreakerState


class Breakers:
    """Those that are closed take no room. ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._troubled: dict[str, Breaker] = {}

    def admit(self, tenant_id: str, patience: float) -> float | None:
        """None lets the tenant's call through, which may take ``patience`` seconds; else when to ask again."""
        now = self._clock()
        breaker = self._troubled.get(tenant_id)
        if breaker is None:
            return None
        if not breaker.lets_through(now):
            return breaker.wait(now)
        self._troubled[tenant_id] = breaker.after_admission(now, patience)
        return None

    def failed(self, tenant_id: str) -> float:
        """The call failed after all its retries; the seconds for which no other is made."""
        now = self._clock()
        breaker = self._troubled.get(tenant_id, Breaker()).after_failure(now)
        self._troubled[tenant_id] = breaker
        return breaker.wait(now)

    def succeeded(self, tenant_id: str) -> None:
        """The endpoint answered."""
        self._troubled.pop(tenant_id, None)

    def count(self, state: BreakerState) -> int:
        """How many are open, or half open."""
        now = self._clock()
        return sum(breaker.state(now) is state for breaker in self._troubled.values())
