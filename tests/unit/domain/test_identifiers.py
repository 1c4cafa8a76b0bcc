"""Identifiers are functions of what they name."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from mneme_common.domain import identifiers as ids

TEXT = st.text(max_size=20)


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_different_parts_never_share_a_digest(left: list[str], right: list[str]) -> None:
    """Joining must not make two lists of parts look alike."""
    assert (ids.digest(*left) == ids.digest(*right)) == (left == right)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(0, 1000))  # noqa: DTZ001
def test_record_ids_are_version_seven_and_ordered_by_time(moment: datetime, index: int) -> None:
    """Layout of RFC 9562; the same event and index give the same id."""
    moment = moment.replace(tzinfo=UTC)
    event_id = UUID(int=index)
    made = ids.record_id(moment, event_id, index)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made == ids.record_id(moment, event_id, index)
    assert made.int >> 80 == ids.microseconds(moment) // 1000


def test_idempotency_keys_are_apart_by_tenant_user_and_operation() -> None:
    """The same key from two tenants names two writes."""
    made = {
        ids.http_event_id(tenant, user, operation, "key", index)
        for tenant in ("a", "b")
        for user in ("a", "b")
        for operation in ("x", "y")
        for index in (0, 1)
    }
    assert len(made) == 16


def test_an_operation_id_opens_only_for_its_owner() -> None:
    """Tenant, user and key are in its MAC; anything else is unknown."""
    key, event_id = b"k" * 32, uuid4()
    text = ids.operation_id(key, "acme", "ann", event_id)
    assert ids.parse_operation_id(key, "acme", "ann", text) == event_id
    for tenant, user, given_text in [("acme", "bob", text), ("b", "ann", text), ("acme", "ann", text[:-1] + "g")]:
        assert ids.parse_operation_id(key, tenant, user, given_text) is None
    assert ids.parse_operation_id(key, "acme", "ann", "nonsense") is None


def test_only_the_first_revision_shares_its_message_s_point() -> None:
    """Later revisions have points of their own."""
    message_id = uuid4()
    points = {ids.point_id(message_id, revision) for revision in range(1, 5)}
    assert len(points) == 4
    assert ids.point_id(message_id, 1) == message_id
