"""The headers that every write understands: Idempotency-Key, Prefer, traceparent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from mneme_common.domain.limits import IDEMPOTENCY_KEY_MAX, WAIT_MAX_SECONDS
from mneme_common.telemetry.tracing import continue_trace
from mneme_gateway.services import ServicesDep
from mneme_gateway.writing.events import Attempt

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9}(?:\.\d{1,9})?)\"?", re.IGNORECASE)
_RESPOND_ASYNC = re.compile(r"(?:^|[,;\s])respond-async(?:$|[,;\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How one request wants to be written."""

    idempotency_key: str | None
    traceparent: str
    wait_seconds: float
    applied: str | None

    def attempt(self, operation: str) -> Attempt:
        """The attempt at an operation; the operation is part of what the idempotency key is unique in."""
        return Attempt(operation, self.idempotency_key, self.traceparent, self.wait_seconds)

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says of the preference (RFC 7240)."""
        return {"Preference-Applied": self.applied} if self.applied else {}


async def write_options(
    services: ServicesDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=IDEMPOTENCY_KEY_MAX,
            pattern=r"^[\x21-\x7e]+$",
            description="A retry with the same key and body changes nothing and gets the same answer.",
        ),
    ] = None,
    prefer: Annotated[
        str | None, Header(max_length=1000, description="`wait=N`: how long to wait for the outcome, 0 to 30 s.")
    ] = None,
    traceparent: Annotated[str | None, Header(max_length=256, description="W3C trace context.")] = None,
) -> WriteOptions:
    """The dependency of every write."""
    wait, applied = preferred_wait(prefer)
    chosen = services.write_wait_seconds if wait is None else wait
    return WriteOptions(idempotency_key, continue_trace(traceparent), chosen, applied)


def preferred_wait(prefer: str | None) -> tuple[float | None, str | None]:
    """Seconds and the preference as applied; (None, None) when the header says nothing of a wait."""
    if prefer is None:
        return None, None
    found = _WAIT.search(prefer)
    if found:
        seconds = min(float(found[1]), WAIT_MAX_SECONDS)
        return seconds, f"wait={int(seconds) if math.floor(seconds) == seconds else seconds}"
    if _RESPOND_ASYNC.search(prefer):
        return 0.0, "respond-async"
    return None, None


WriteOptionsDep = Annotated[WriteOptions, Depends(write_options)]
