"""What a policy wants done with a message, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_retention.decide.policy import Mode, Policy, StoredMessage, wants_archived, wants_deleted

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = Policy()


def message(
    *, age: timedelta, importance: float = 0.5, archived_for: timedelta | None = None, surplus: bool = False
) -> StoredMessage:
    """A message of that age."""
    archived_at = None if archived_for is None else NOW - archived_for
    return StoredMessage("ann", UUID(int=1), importance, NOW - age, archived_at, surplus)


DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("stored", "by_any", "by_all"),
    [
        (message(age=31 * DAYS, importance=0.2), True, True),
        (message(age=31 * DAYS, importance=0.9), True, False),
        (message(age=2 * DAYS, importance=0.35), True, False),
        (message(age=2 * DAYS, importance=0.36), False, False),
        (message(age=30 * DAYS, importance=0.9), True, False),
        (message(age=timedelta(hours=23), importance=0.0), False, False),
        (message(age=timedelta(hours=24), importance=0.0), True, False),
        (message(age=2 * DAYS, surplus=True), True, True),
        (message(age=timedelta(hours=1), surplus=True), False, False),
        (message(age=31 * DAYS, importance=0.2, archived_for=1 * DAYS), False, False),
    ],
)
def test_age_and_importance_archive_by_the_mode(stored: StoredMessage, by_any: bool, by_all: bool) -> None:
    assert wants_archived(stored, POLICY, "any", NOW) is by_any
    assert wants_archived(stored, POLICY, "all", NOW) is by_all


@pytest.mark.parametrize(
    ("stored", "due"),
    [
        (message(age=200 * DAYS), False),
        (message(age=200 * DAYS, archived_for=89 * DAYS), False),
        (message(age=200 * DAYS, archived_for=91 * DAYS), True),
    ],
)
def test_only_what_was_archived_long_enough_is_deleted(stored: StoredMessage, due: bool) -> None:
    assert wants_deleted(stored, POLICY, NOW) is due


@given(
    hours=st.floats(0, 24 * 400),
    importance=st.floats(0, 1),
    archived=st.none() | st.floats(0, 24 * 400),
    surplus=st.booleans(),
    mode=st.sampled_from(["any", "all"]),
)
def test_nothing_is_archived_and_deleted_at_once(
    hours: float, importance: float, archived: float | None, surplus: bool, mode: Mode
) -> None:
    stored = message(
        age=timedelta(hours=hours),
        importance=importance,
        archived_for=None if archived is None else timedelta(hours=archived),
        surplus=surplus,
    )
    assert not (wants_archived(stored, POLICY, mode, NOW) and wants_deleted(stored, POLICY, NOW))


@given(hours=st.floats(0, 23.9), importance=st.floats(0, 1), surplus=st.booleans())
def test_what_is_younger_than_a_day_is_never_archived(hours: float, importance: float, surplus: bool) -> None:
    stored = message(age=timedelta(hours=hours), importance=importance, surplus=surplus)
    harsh = Policy(max_age_days=1, importance_threshold=1.0, delete_after_days=1, max_items=1)
    assert not wants_archived(stored, harsh, "any", NOW)
