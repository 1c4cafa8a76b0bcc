"""What is to be done about a version, told by its row."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from mneme_embedder.decide.plan import Plan, RecordState, closing_of, plan
from mneme_embedder.decide.targets import Target, memory_target
from mneme_embedder.decide.texts import content_hash

TARGET = memory_target("acme", "ada", UUID(int=1), text="a fact", position=3)
TEXTLESS = replace(TARGET, text=None)
HASH = content_hash("a fact")


def plan_for(target: Target, state: RecordState | None) -> Plan:
    """The plan for one target."""
    return plan([target], [state])


def summary(work: Plan) -> tuple[int, int, int, int]:
    """How many there are to embed, to close, to remove, and to leave alone as indexed."""
    return len(work.embed), len(work.close), len(work.remove), len(work.indexed)


@pytest.mark.parametrize(
    ("target", "state", "expected"),
    [
        (TARGET, RecordState(3, None), (1, 0, 0, 0)),
        (TARGET, RecordState(3, None, HASH), (0, 0, 0, 1)),
        (TARGET, RecordState(3, None, "of another text"), (1, 0, 0, 0)),
        (TARGET, RecordState(3, 5), (1, 0, 0, 0)),
        (TARGET, RecordState(3, 5, HASH), (0, 1, 0, 0)),
        (TARGET, RecordState(3, 5, HASH, 5), (0, 0, 0, 0)),
        (TARGET, None, (0, 0, 1, 0)),
        (TEXTLESS, RecordState(3, None), (0, 0, 0, 0)),
        (TEXTLESS, RecordState(3, None, HASH), (0, 0, 0, 0)),
        (TEXTLESS, RecordState(3, 5), (0, 1, 0, 0)),
        (TEXTLESS, RecordState(3, 5, HASH), (0, 1, 0, 0)),
        (TEXTLESS, RecordState(3, 5, HASH, 5), (0, 0, 0, 0)),
        (TEXTLESS, None, (0, 0, 1, 0)),
    ],
)
def test_the_row_of_a_version_says_what_is_to_be_done(
    target: Target, state: RecordState | None, expected: tuple[int, int, int, int]
) -> None:
    assert summary(plan_for(target, state)) == expected


def test_a_version_that_has_ended_meanwhile_is_stored_as_ended() -> None:
    (item,) = plan_for(TARGET, RecordState(3, 5)).embed
    point = item.point("model", np.ones(2, dtype=np.float32))
    assert (point.from_seq, point.to_seq, point.content_hash, point.record_id) == (3, 5, HASH, UUID(int=1))


def test_a_closing_names_the_position_of_the_row() -> None:
    ((target, to_seq),) = plan_for(TEXTLESS, RecordState(3, 5)).close
    closing = closing_of(target, to_seq, "model")
    assert (closing.to_seq, closing.key.model, closing.key.point_id) == (5, "model", UUID(int=1))
