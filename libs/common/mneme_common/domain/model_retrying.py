"""What to do after a call to a model failed: try again, wait for the model, or give up on this message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

_AGAIN = frozenset({408, 409, 425, 429})
_MESSAGE_AT_FAULT = frozenset(
    {"context_length_exceeded", "string_above_max_length", "content_filter", "content_policy_violation"}
)
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


class Trouble(Enum):
    """How a call failed."""

    CONNECTION = auto()
    TIMEOUT = auto()
    GARBLED = auto()
    STATUS = auto()


@dataclass(frozen=True, slots=True)
class CallFailure:
    """One failed call; ``retry_after`` in seconds, ``code`` as the endpoint names its error."""

    trouble: Trouble
    status: int = 0
    code: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        if self.trouble is Trouble.STATUS:
            return f"status {self.status} {self.code}".strip()
        return self.trouble.name.lower()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts in all, and delays in seconds: doubling from ``first`` to ``longest``, ``Retry-After`` up to a cap."""

    attempts: int = 4
    first: float = 0.5
    longest: float = 10.0
    longest_retry_after: float = 30.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Call again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Away:
    """The model cannot be used now; nothing is wrong with the message."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The endpoint will never take this message."""


Step = Retry | Away | Refused


def next_step(failure: CallFailure, attempt: int, policy: RetryPolicy, jitter: float, *, proven: bool) -> Step:
    """What to do after the ``attempt``-th call (from 1) failed; ``jitter`` is in 0..1.

    A refusal (400, 413, 422) counts against the message only when the endpoint says so, or when it has answered
    requests like it before (``proven``): a wrong setting must not bury everything.
    """
    if failure.trouble is Trouble.STATUS and not _passes(failure):
        if failure.status == 413 or failure.code in _MESSAGE_AT_FAULT:
            return Refused()
        return Refused() if proven and failure.status in (400, 422) else Away()
    if attempt >= policy.attempts or failure.code in _QUOTA:
        return Away()
    return Retry(_delay(failure, attempt, policy, jitter))


def _passes(failure: CallFailure) -> bool:
    return failure.status in _AGAIN or failure.status >= 500


def _delay(failure: CallFailure, attempt: int, policy: RetryPolicy, jitter: float) -> float:
    backoff = min(policy.longest, policy.first * 2.0 ** (attempt - 1)) * (0.5 + jitter / 2)
    if failure.retry_after is None:
        return backoff
    return min(failure.retry_after, policy.longest_retry_after) + jitter * policy.first
