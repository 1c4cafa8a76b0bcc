"""What a failure means."""

from __future__ import annotations

import psycopg
import pytest
from aiokafka.errors import KafkaConnectionError

from mneme_common.contracts.envelope import InvalidEventError
from mneme_common.domain.failures import DependencyError, PermanentError
from mneme_common.runtime.failure_policy import Failure, HaltedError, HaltPolicy, classify, delay


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("server closed the connection"), Failure.DEPENDENCY),
        (psycopg.errors.DeadlockDetected(), Failure.DEPENDENCY),
        (psycopg.errors.DiskFull(), Failure.DEPENDENCY),
        (psycopg.InterfaceError("the connection is closed"), Failure.DEPENDENCY),
        (KafkaConnectionError(), Failure.DEPENDENCY),
        (ConnectionRefusedError(), Failure.DEPENDENCY),
        (DependencyError("model"), Failure.DEPENDENCY),
        (psycopg.errors.ProgramLimitExceeded(), Failure.UNKNOWN),
        (psycopg.errors.UniqueViolation(), Failure.UNKNOWN),
        (ValueError("?"), Failure.UNKNOWN),
        (InvalidEventError("no key"), Failure.PERMANENT),
        (PermanentError("refused", "by the model"), Failure.PERMANENT),
    ],
)
def test_each_exception_has_one_kind_of_failure(error: Exception, kind: Failure) -> None:
    """A server that is away is a dependency; a statement that is too large for it is not."""
    assert classify(error) is kind


def test_delays_double_from_a_tenth_to_five_seconds() -> None:
    """Bounded, also for absurd numbers of attempts."""
    assert [delay(attempt) for attempt in (1, 2, 3, 6, 7, 10_000)] == [0.1, 0.2, 0.4, 3.2, 5.0, 5.0]


def test_a_run_of_unknown_failures_halts() -> None:
    """Twenty in a row are not the events' fault."""
    policy = HaltPolicy(run=20)
    for _ in range(19):
        policy.failed()
    with pytest.raises(HaltedError, match="20 events in a row"):
        policy.failed()


def test_a_success_ends_a_run_but_half_of_a_hundred_halts() -> None:
    """Every second event failing is as bad as twenty in a row."""
    policy = HaltPolicy(run=20)
    for _ in range(49):
        policy.succeeded()
        policy.failed()
    policy.succeeded()
    with pytest.raises(HaltedError, match="50 of the last 100"):
        policy.failed()
