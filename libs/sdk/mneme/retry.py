"""Whether to send a request again, and after how long: values in, value out."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

_TRY_LATER = frozenset({429, 502, 503, 504})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Reply = httpx.Response | httpx.TransportError


@dataclass(frozen=True, slots=True)
class Retry:
    """How stubborn a client is. ``patience`` bounds the pauses of one call together, in seconds."""

    attempts: int = 5
    first_pause: float = 0.25
    longest_pause: float = 8.0
    patience: float = 60.0

    def pause(self, reply: Reply, *, attempt: int, paused: float, repeatable: bool, jitter: float) -> float | None:
        """Seconds until the next attempt, None to give up.

        ``attempt`` counts from 1, ``paused`` is what this call has paused so far, ``repeatable`` says that doing it
        twice is the same as doing it once, ``jitter`` in [0, 1) spreads clients that failed together.
        """
        if attempt >= self.attempts or not _worth_repeating(reply, repeatable=repeatable):
            return None
        pause = min(self.first_pause * 2 ** (attempt - 1), self.longest_pause) * (0.5 + jitter / 2)
        pause = max(pause, retry_after(reply) or 0.0)
        return pause if paused + pause <= self.patience else None


def never_sent(reply: Reply) -> bool:
    """True when the server cannot have seen the request."""
    return isinstance(reply, _NEVER_SENT)


def retry_after(reply: Reply) -> float | None:
    """The ``Retry-After`` of an answer in seconds; a date counts from the answer's own ``Date``."""
    if not isinstance(reply, httpx.Response):
        return None
    value = reply.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(reply.headers["Date"])).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None


def _worth_repeating(reply: Reply, *, repeatable: bool) -> bool:
    if isinstance(reply, httpx.Response):
        return reply.status_code == 429 or (reply.status_code in _TRY_LATER and repeatable)
    return repeatable or never_sent(reply)
