"""How many events may be on their way at once (guarantee 8)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from mneme_gateway.errors import ApiError
from mneme_gateway.writing.admission import Admission


def _keys(tenant: str, count: int) -> list[tuple[str, UUID]]:
    return [(tenant, uuid4()) for _ in range(count)]


def test_a_tenant_may_not_have_more_than_its_share_on_the_way() -> None:
    admission = Admission(per_tenant=3, in_all=100)
    admission.admit(_keys("acme", 3))
    with pytest.raises(ApiError) as refusal:
        admission.admit(_keys("acme", 1))
    assert (refusal.value.status_code, refusal.value.headers) == (429, {"Retry-After": "1"})


def test_one_tenant_at_its_limit_does_not_stop_another() -> None:
    admission = Admission(per_tenant=3, in_all=100)
    admission.admit(_keys("acme", 3))
    admission.admit(_keys("other", 3))
    assert len(admission) == 6


def test_all_tenants_together_are_limited_too() -> None:
    admission = Admission(per_tenant=3, in_all=4)
    admission.admit(_keys("acme", 3))
    with pytest.raises(ApiError):
        admission.admit(_keys("other", 2))


def test_a_request_is_admitted_as_a_whole_or_not_at_all() -> None:
    admission = Admission(per_tenant=3, in_all=100)
    with pytest.raises(ApiError):
        admission.admit([*_keys("acme", 4), *_keys("other", 1)])
    assert len(admission) == 0


def test_an_event_that_is_on_its_way_is_not_counted_twice() -> None:
    admission = Admission(per_tenant=1, in_all=1)
    keys = _keys("acme", 1)
    admission.admit(keys)
    admission.admit(keys)
    assert len(admission) == 1


def test_there_is_room_again_when_an_outcome_is_known() -> None:
    admission = Admission(per_tenant=1, in_all=1)
    (key,) = _keys("acme", 1)
    admission.admit([key])
    admission.leave(key)
    admission.leave(key)
    admission.admit(_keys("acme", 1))
    assert len(admission) == 1
