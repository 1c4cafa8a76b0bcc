from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_gateway.decide.ranking import Features, Floats
from mneme_gateway.decide.ranking_baselines import BM25, DENSE, RRF
from mneme_gateway.decide.ranking_choice import RankingName, profile_named

_NAN = float("nan")


def _features(keyword: list[float], similarity: list[float]) -> Features:
    ones = np.ones(len(keyword))
    return Features(
        similarity=np.array(similarity),
        keyword=np.array(keyword),
        importance=ones,
        confidence=ones,
        confidence_days=ones,
        age=ones,
        occurred_age=ones,
    )


def _order(scores: Floats) -> list[int]:
    return [int(place) for place in np.argsort(-scores, kind="stable")]


def test_words_alone_rank_by_bm25_and_drop_what_shares_no_word() -> None:
    components = BM25.components(_features([2.0, 0.0, 5.0], [0.9, 1.0, _NAN]))
    assert (_order(BM25.scores(components)), BM25.kept(components).tolist()) == ([2, 0, 1], [True, False, True])


def test_meaning_alone_ranks_by_the_bare_cosine() -> None:
    components = DENSE.components(_features([9.0, 0.0, 1.0], [-0.2, 0.7, 0.1]))
    assert DENSE.scores(components).tolist() == [-0.2, 0.7, 0.1]


def test_fusion_adds_the_reciprocal_ranks_of_both_sides() -> None:
    components = RRF.components(_features([5.0, 3.0, 0.0], [_NAN, 0.9, 0.1]))
    expected = [0.5 * 1, 0.5 * 61 / 62 + 0.5 * 1, 0.5 * 61 / 62]
    assert RRF.scores(components).tolist() == pytest.approx(expected, abs=1e-6)


def test_equal_values_have_equal_ranks_in_the_fusion() -> None:
    components = RRF.components(_features([2.0, 2.0, 1.0], [0.5, 0.5, 0.5]))
    assert components["bm25"].tolist() == pytest.approx([1.0, 1.0, 61 / 63])
    assert components["knn"].tolist() == [1.0, 1.0, 1.0]


@given(st.lists(st.tuples(st.floats(0, 9), st.one_of(st.just(_NAN), st.floats(-1, 1))), min_size=1, max_size=30))
def test_fused_scores_stay_between_zero_and_one(rows: list[tuple[float, float]]) -> None:
    scores = RRF.scores(RRF.components(_features([row[0] for row in rows], [row[1] for row in rows])))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_every_ranking_that_can_be_asked_for_is_the_one_of_its_name() -> None:
    assert [profile_named(name).name for name in RankingName] == [name.value for name in RankingName]
