"""What a search returned and somebody says again is recognised; what only resembles it is not."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_extractor.decide.recall import Known, find_recalled, masked, may_recall, packed_dates

_BERLIN = Known(UUID(int=1), "The user lives in Berlin.")
_ALLERGIC = Known(UUID(int=2), "The user is not allergic to peanuts, tree nuts, shellfish, milk or wheat.")
_SEAT = Known(UUID(int=3), "I prefer window seats", stated=True)
_OLD = Known(UUID(int=4), "I work at Acme in Berlin.", stated=True, current=False)
_KNOWN = (_BERLIN, _ALLERGIC, _SEAT, _OLD)


def _left(content: str) -> str:
    """What is still to be read."""
    return " ".join(masked(content, find_recalled(content, _KNOWN)).split())


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ("The user lives in Berlin.", ""),
        ("the user lives in berlin", ""),
        ("- The user lives in Berlin.\n- The user likes jazz.", "- - The user likes jazz."),
        ("As I remember, the user lives in Berlin, so take a coat.", "As I remember, , so take a coat."),
        ('You told me "The user lives in Berlin." Is that so?', 'You told me " ." Is that so?'),
        ("Facts:\n[1] 2026-05-01 The user lives in Berlin.\nThanks! I love tea.", "Facts: Thanks! I love tea."),
        ("[12] 2026-05-01 ann: I work at Acme in Berlin.", ""),
        ("> I prefer window seats", ">"),
        (
            "As you know, the user is not allergic to peanuts, tree nuts, shellfish, milk or wheat so far.",
            "As you know, the user is not allergic to peanuts, tree nuts, shellfish, milk or wheat so far.",
        ),
        ("You said that the user is not allergic to peanuts tree nuts shellfish milk or wheat.", "You said that"),
    ],
)  # fmt: skip
def test_repetitions_are_left_out_and_the_rest_is_read(content: str, left: str) -> None:
    assert _left(content) == left


@pytest.mark.parametrize(
    "content",
    [
        "The user lives in Berlin Mitte.",
        "It is not true that the user lives in Berlin.",
        "The user no longer lives in Berlin.",
        "The user is allergic to peanuts, tree nuts, shellfish, milk or wheat.",
        "I live in Berlin.",
        "I prefer window seats on long flights.",
        "I work at Acme in Berlin.",
        "[1] 2026-05-01 I moved to Munich.",
        "The user lives in Bergen.",
    ],
)
def test_what_says_more_or_otherwise_is_read(content: str) -> None:
    assert find_recalled(content, _KNOWN) == ()


def test_most_messages_need_no_look_at_what_is_known() -> None:
    assert not any(may_recall(said, "Ann") for said in ("I live in Berlin.", "Nice weather!", "How are you?", "ok"))
    assert may_recall("Hi Ann, how are you?", "Ann")
    assert may_recall("[1] 2026-05-01 tea", None)


def test_the_days_of_packed_lines_are_told() -> None:
    assert [str(day) for day in packed_dates("[1] 2026-05-01 tea\n[2] 2026-13-01 jam\n2026-05-02 no")] == ["2026-05-01"]


@given(
    st.lists(st.sampled_from(["The user lives in Berlin.", "I love tea.", "\n", '"', " - ", "not", "[1] 2026-05-01 "]))
)
def test_pieces_do_not_overlap_and_every_offset_stays(parts: list[str]) -> None:
    content = " ".join(parts)
    pieces = find_recalled(content, _KNOWN)
    ends = [0, *(piece.end for piece in pieces)]
    assert all(end <= piece.start < piece.end for end, piece in zip(ends, pieces, strict=False))
    rest = masked(content, pieces)
    assert len(rest) == len(content)
    assert all(after in (before, " ") for before, after in zip(content, rest, strict=True))
    assert find_recalled(rest, _KNOWN) == ()
