"""``memory.indexed``: one for each user, with an id that a second delivery gives again."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from mneme_embedder.decide.announcing import announcements
from mneme_embedder.decide.targets import memory_target, message_target

FIRST = replace(message_target("acme", "ada", UUID(int=1), 1, text="x", position=4), traceparent="early")
SECOND = replace(memory_target("acme", "ada", UUID(int=2), text="y", position=9), traceparent="late")
OTHER = memory_target("acme", "grace", UUID(int=3), text="z", position=2)


def test_each_user_gets_one_announcement() -> None:
    ada, grace = announcements("model", [OTHER, SECOND, FIRST])
    assert (ada.user_id, ada.data.record_ids, ada.data.model) == ("ada", [UUID(int=1), UUID(int=2)], "model")
    assert (grace.user_id, grace.data.record_ids) == ("grace", [UUID(int=3)])


def test_an_announcement_carries_the_latest_position_and_its_trace() -> None:
    (ada,) = announcements("model", [FIRST, SECOND])
    assert (ada.data.position, ada.traceparent) == (9, "late")


def test_the_id_of_an_announcement_depends_on_points_and_model_only() -> None:
    (ada,) = announcements("model", [FIRST, SECOND])
    (again,) = announcements("model", [SECOND, FIRST])
    (fewer,) = announcements("model", [FIRST])
    (other,) = announcements("other", [FIRST, SECOND])
    assert ada.event_id == again.event_id
    assert len({ada.event_id, fewer.event_id, other.event_id}) == 3


def test_nothing_indexed_is_nothing_announced() -> None:
    assert announcements("model", []) == []
