"""Which candidates a second stage may reorder, and the order that it makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mneme_gateway.decide.second_stage import Standing, admitted, reordered

_REASONS = st.sampled_from([None, "rank", "floor", "twin"])


def standings(*reasons: str | None) -> list[Standing]:
    """Candidates with falling scores."""
    return [Standing(1 - place / 100, reason) for place, reason in enumerate(reasons)]


def test_everything_behind_the_last_result_is_read_too() -> None:
    assert admitted(standings(None, None, "rank", "twin", "rank", "floor"), None) == [0, 1, 2, 4]


def test_nothing_comes_back_behind_a_cut() -> None:
    assert admitted(standings(None, "gap", "rank"), None) == [0]
    assert admitted(standings("abstained", "abstained", "rank"), None) == []


def test_a_least_score_holds_for_what_is_read() -> None:
    assert admitted(standings(None, "rank", "rank"), 0.985) == [0, 1]


def test_equal_scores_keep_the_first_order() -> None:
    assert reordered([4, 2, 7, 1], [0.5, 0.9, 0.5, 0.9]) == [2, 1, 4, 7]


@given(st.lists(st.tuples(st.floats(0, 1), _REASONS), max_size=40))
def test_no_candidate_is_lost_or_invented(candidates: list[tuple[float, str | None]]) -> None:
    listed = [Standing(score, reason) for score, reason in candidates]
    places = admitted(listed, None)
    assert sorted(places) == [place for place, standing in enumerate(listed) if standing.reason in (None, "rank")]
    assert sorted(reordered(places, [0.5] * len(places))) == sorted(places)
