"""What a failure means: pure decisions, which the loop obeys (guarantee 5)."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

import psycopg
from aiokafka.errors import KafkaError

from mneme_common.contracts.envelope import InvalidEventError
from mneme_common.domain.failures import DependencyError, PermanentError

ATTEMPTS_ALONE = 3
"""How often an event that fails on its own with an unknown exception is tried before it counts as poison."""

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0
_WINDOW = 100
_PROGRAM_LIMIT_EXCEEDED = "54"


class Failure(Enum):
    """The kinds of failure."""

    DEPENDENCY = auto()
    PERMANENT = auto()
    UNKNOWN = auto()


def classify(error: BaseException) -> Failure:
    """Which kind an exception is. A server that refuses one statement for its size is not a server that is away."""
    if isinstance(error, (PermanentError, InvalidEventError)):
        return Failure.PERMANENT
    if isinstance(error, psycopg.OperationalError):
        too_large = (error.sqlstate or "").startswith(_PROGRAM_LIMIT_EXCEEDED)
        return Failure.UNKNOWN if too_large else Failure.DEPENDENCY
    if isinstance(error, (DependencyError, psycopg.InterfaceError, KafkaError, OSError, TimeoutError)):
        return Failure.DEPENDENCY
    return Failure.UNKNOWN


def delay(attempt: int) -> float:
    """Seconds to wait after the ``attempt``-th failure (from 1): doubling from 0.1 to 5."""
    return min(_FIRST_DELAY * 2.0 ** min(attempt - 1, 16), _LONGEST_DELAY)


def reason_of(error: BaseException) -> tuple[str, str]:
    """A short stable word and a sentence for a dead letter."""
    if isinstance(error, PermanentError):
        return error.reason, error.detail
    if isinstance(error, InvalidEventError):
        return "invalid_event", str(error)
    return "unknown_error", f"{type(error).__name__}: {str(error)[:500]}"


class HaltedError(RuntimeError):
    """Nearly everything fails: the fault is here, not in the events. The process stops and the offsets stay."""


class HaltPolicy:
    """Halts after ``run`` unknown failures in a row, or when half of the last hundred events failed so.

    Invalid input never counts, so that one bad producer cannot stop everybody.
    """

    def __init__(self, run: int = 20) -> None:
        self._run = run
        self._consecutive = 0
        self._recent: deque[bool] = deque(maxlen=_WINDOW)

    def succeeded(self, count: int = 1) -> None:
        """Notes events that were applied."""
        if count:
            self._consecutive = 0
            self._recent.extend([False] * min(count, _WINDOW))

    def failed(self) -> None:
        """Notes an unknown failure; raises HaltedError when it is one too many."""
        self._consecutive += 1
        self._recent.append(True)
        if self._consecutive >= self._run:
            raise HaltedError(f"{self._consecutive} events in a row failed with unknown errors")
        if len(self._recent) == _WINDOW and sum(self._recent) * 2 >= _WINDOW:
            raise HaltedError(f"{sum(self._recent)} of the last {_WINDOW} events failed with unknown errors")
