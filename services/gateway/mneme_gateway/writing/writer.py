"""The one way of a write: admit, register the wait, publish, wait for the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from mneme_gateway.control.tenants import Tenants
from mneme_gateway.errors import ApiError
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.ports import Publisher
from mneme_gateway.writing.admission import Admission
from mneme_gateway.writing.events import Attempt, Event, Write, make_event
from mneme_gateway.writing.outcomes import Outcome, Outcomes


@dataclass(frozen=True, slots=True)
class Result:
    """One write and what is known of it; ``outcome`` is None while nothing is."""

    write: Write
    event: Event
    outcome: Outcome | None

    @property
    def status(self) -> Literal["recorded", "pending", "refused"]:
        """In one word what is known."""
        if self.outcome is None:
            return "pending"
        return "recorded" if self.refusal is None else "refused"

    @property
    def refusal(self) -> ApiError | None:
        """Why the write was not done; None when it was, or may still be."""
        outcome = self.outcome
        if outcome is None:
            return None
        if outcome.status != "buried" and outcome.request_hash != self.event.request_hash:
            return ApiError(
                409,
                "IDEMPOTENCY_CONFLICT",
                "This Idempotency-Key was used before with another request.",
                hint="Use a new key for a new request.",
            )
        status = int(outcome.body.get("status", 500))
        if outcome.status == "applied" and status < 400:
            return None
        detail = str(outcome.body.get("detail", "The event was refused."))
        return ApiError(status, str(outcome.body.get("code", "REFUSED")), detail)


class Writer:
    """Puts writes on the log and reports what became of them."""

    def __init__(
        self,
        *,
        publisher: Publisher,
        outcomes: Outcomes,
        admission: Admission,
        tenants: Tenants,
        metrics: GatewayMetrics,
    ) -> None:
        self._publisher = publisher
        self._outcomes = outcomes
        self._admission = admission
        self._tenants = tenants
        self._metrics = metrics

    async def write(self, attempt: Attempt, writes: Sequence[Write]) -> list[Result]:
        """The results in the order of the writes; raises ApiError 404 (tenant), 429 or 503 before any is durable."""
        if not writes:
            return []
        deadline = asyncio.get_running_loop().time() + attempt.wait_seconds
        await self._tenants.require({write.scope.tenant_id for write in writes})
        events = [make_event(attempt, write) for write in writes]
        keys = [(event.tenant_id, event.event_id) for event in events]
        self._admission.admit(keys)
        request_id = uuid4()
        wait = self._outcomes.open(request_id, keys)
        written = False
        try:
            await self._publisher.publish(events)
            written = True
            if attempt.wait_seconds > 0:
                await self._outcomes.until(wait, deadline)
        finally:
            self._outcomes.close(request_id, wait, written=written)
        results = [
            Result(write, event, wait.known.get(key)) for write, event, key in zip(writes, events, keys, strict=True)
        ]
        for result in results:
            self._metrics.writes.labels(result.write.event_type, result.status).inc()
        return results

    async def write_one(self, attempt: Attempt, write: Write) -> Result:
        """The result of a single write; raises ApiError when it was refused too."""
        (result,) = await self.write(attempt, [write])
        if result.refusal is not None:
            raise result.refusal
        return result
