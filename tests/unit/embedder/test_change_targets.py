"""Which versions a batch of changes touches."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

from mneme_common.domain.identifiers import point_id
from mneme_common.domain.vectors import RecordKind
from mneme_embedder.decide.targets import targets_of
from tests.unit.embedder.fakes import TRACE, changed, memory_changed, recorded

A, B = UUID(int=1), UUID(int=2)


def test_a_recorded_message_is_a_target_with_its_text() -> None:
    (target,) = targets_of([recorded(A, "hello", name="Ada", position=4)])
    assert (target.kind, target.record_id, target.point_id, target.text, target.position, target.traceparent) == (
        RecordKind.MESSAGE,
        A,
        A,
        "Ada: hello",
        4,
        TRACE,
    )


def test_every_revision_of_a_message_is_a_target_of_its_own() -> None:
    targets = targets_of([recorded(A, "one"), recorded(A, "two", revision=2), changed(A, "updated", position=2)])
    assert {target.point_id: target.text for target in targets} == {A: "one", point_id(A, 2): "two"}


def test_a_closed_message_is_a_target_without_text() -> None:
    (target,) = targets_of([changed(A, "updated", revision=3, position=9)])
    assert (target.point_id, target.revision, target.text) == (point_id(A, 3), 3, None)


def test_the_end_of_a_message_touches_all_of_its_revisions() -> None:
    targets = targets_of([changed(A, "deleted", revision=3, position=9)])
    assert sorted(target.revision for target in targets) == [1, 2, 3]


def test_a_new_version_of_a_memory_touches_the_one_it_replaces() -> None:
    targets = targets_of([memory_changed(B, "Ada lives in Berlin", closed_id=A, position=2)])
    assert [(target.record_id, target.text) for target in targets] == [(A, None), (B, "Ada lives in Berlin")]
    assert {target.kind for target in targets} == {RecordKind.MEMORY}


def test_the_end_of_a_memory_touches_only_what_ended() -> None:
    assert [target.record_id for target in targets_of([memory_changed(B, None, closed_id=A)])] == [A]


def test_the_order_of_changes_does_not_matter() -> None:
    events = [
        recorded(A, "one"),
        changed(A, "updated", position=2),
        recorded(A, "two", revision=2, position=2),
        memory_changed(B, "fact", position=3),
    ]
    expected = targets_of(events)
    assert len(expected) == 3
    for order in permutations(events):
        assert targets_of(order) == expected


def test_the_same_change_many_times_is_one_target() -> None:
    assert targets_of([recorded(A, "one")] * 10) == targets_of([recorded(A, "one")])


def test_two_tenants_with_the_same_message_id_are_two_targets() -> None:
    targets = targets_of([recorded(A, "one"), recorded(A, "other", tenant_id="globex")])
    assert [(target.tenant_id, target.text) for target in targets] == [("acme", "one"), ("globex", "other")]
