"""The one way of a write: admit, register the wait, publish, wait for the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from mneme_gateway.control.privacy import PrivacyPolicies
from mneme_gateway.control.tenants import Tenants
from mneme_gateway.errors import ApiError
from mneme_gateway.metrics import GatewayMetrics
from mneme_gateway.ports import Publisher
from mneme_gateway.writing.admission import Admission
from mneme_gateway.writing.events import Attempt, Event, Write, make_event
from mneme_gateway.writing.outcomes import Outcome, Outcomes
from mneme_gateway.writing.scrubbing import scrubbed


@dataclass(frozen=True, slots=True)
class Result:
    """One write as it was sent, and what is known of it; ``outcome`` is None while nothing is.

    ``refused`` says why it was not sent at all; it has no event then.
    """

    write: Write
    sent: Event | None
    outcome: Outcome | None
    refused: ApiError | None = None

    @property
    def event(self) -> Event:
        """The event of a write that was sent."""
        if self.sent is None:
            raise LookupError("a write that was refused has no event")
        return self.sent

    @property
    def status(self) -> Literal["recorded", "pending", "refused"]:
        """In one word what is known."""
        if self.outcome is None and self.refused is None:
            return "pending"
        return "recorded" if self.refusal is None else "refused"

    @property
    def refusal(self) -> ApiError | None:
        """Why the write was not done; None when it was, or may still be."""
        outcome = self.outcome
        if outcome is None:
            return self.refused
        if outcome.status != "buried" and outcome.request_hash not in ("", self.event.request_hash):
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
        privacy: PrivacyPolicies,
        metrics: GatewayMetrics,
    ) -> None:
        self._publisher = publisher
        self._outcomes = outcomes
        self._admission = admission
        self._tenants = tenants
        self._privacy = privacy
        self._metrics = metrics

    async def write(self, attempt: Attempt, writes: Sequence[Write]) -> list[Result]:
        """The results in the order of the writes; raises ApiError 404 (tenant), 429 or 503 before any is durable.

        Nothing reaches the log that the privacy policy of its tenant does not let through.
        """
        deadline = asyncio.get_running_loop().time() + attempt.wait_seconds
        tenants = {write.scope.tenant_id for write in writes}
        await self._tenants.require(tenants)
        scrubbers = await self._privacy.scrubbers(tenants)
        checked = [scrubbed(write, scrubbers[write.scope.tenant_id]) for write in writes]
        sent = iter(await self._send(attempt, [write for write in checked if isinstance(write, Write)], deadline))
        results = [
            next(sent) if isinstance(found, Write) else Result(write, None, None, refused=found)
            for write, found in zip(writes, checked, strict=True)
        ]
        for result in results:
            self._metrics.writes.labels(result.write.event_type, result.status).inc()
        return results

    async def _send(self, attempt: Attempt, writes: Sequence[Write], deadline: float) -> list[Result]:
        if not writes:
            return []
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
        return [
            Result(write, event, wait.known.get(key)) for write, event, key in zip(writes, events, keys, strict=True)
        ]

    async def write_one(self, attempt: Attempt, write: Write) -> Result:
        """The result of a single write; raises ApiError when it was refused too."""
        (result,) = await self.write(attempt, [write])
        if result.refusal is not None:
            raise result.refusal
        return result
