from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_gateway.decide.ranking import Features, Floats, Profile, Ties, best, ordered, twins
from mneme_gateway.decide.ranking_profiles import S1_FUSION, S2_MESSAGE, S4_HYBRID

_DAY = 86_400.0


def _features(**given_values: float) -> Features:
    values = dict.fromkeys(
        ("similarity", "keyword", "importance", "confidence", "confidence_days", "age", "occurred_age"), 1.0
    )
    columns: dict[str, Any] = {name: np.array([value]) for name, value in (values | given_values).items()}
    return Features(**columns)


def _ties(created_at: list[int], ids: list[int]) -> Ties:
    return Ties(np.array(created_at), np.zeros(len(ids), np.uint64), np.array(ids, np.uint64))


def _column(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def test_s1_adds_meaning_words_importance_and_recency_with_their_weights() -> None:
    components = S1_FUSION.components(_features(similarity=0.8, keyword=3.0, importance=0.5, age=7 * _DAY))
    assert {name: round(float(column[0]), 6) for name, column in components.items()} == {
        "knn": 0.8,
        "bm25": 0.75,
        "importance": 0.5,
        "recency": round(math.exp(-1), 6),
    }
    expected = 0.5 * 0.8 + 0.3 * 0.75 + 0.1 * 0.5 + 0.1 * math.exp(-1)
    assert S1_FUSION.scores(components).tolist() == [round(expected, 6)]


def test_s1_takes_a_negative_or_missing_cosine_for_none() -> None:
    for similarity in (-0.4, math.nan):
        assert S1_FUSION.components(_features(similarity=similarity))["knn"].tolist() == [0.0]


def test_s4_uses_distance_words_time_and_decayed_confidence() -> None:
    features = _features(
        similarity=0.5, keyword=1.0, confidence=0.85, confidence_days=180.0, occurred_age=90 * _DAY, age=0.0
    )
    components = S4_HYBRID.components(features)
    vector, temporal, confidence = 1 / (1 + 1.0), math.exp(-90 * 24 / 168), 0.85 * math.exp(-0.5)
    assert components["vector"].tolist() == pytest.approx([vector])
    assert components["confidence"].tolist() == pytest.approx([confidence])
    expected = 0.3 * vector + 0.2 * 0.5 + 0.2 * temporal + 0.3 * confidence
    assert S4_HYBRID.scores(components).tolist() == [pytest.approx(expected, abs=1e-6)]


def test_s4_drops_what_is_hardly_believed_any_more() -> None:
    fresh = S4_HYBRID.components(_features(confidence=0.4, confidence_days=30.0, occurred_age=62 * _DAY))
    stale = S4_HYBRID.components(_features(confidence=0.4, confidence_days=30.0, occurred_age=63 * _DAY))
    assert (S4_HYBRID.kept(fresh).tolist(), S4_HYBRID.kept(stale).tolist()) == ([True], [False])


def test_s2_adds_cosine_importance_and_weekly_decay() -> None:
    components = S2_MESSAGE.components(_features(similarity=-0.2, importance=0.9, age=14 * _DAY))
    expected = 0.6 * -0.2 + 0.3 * 0.9 + 0.1 * math.exp(-2)
    assert S2_MESSAGE.scores(components).tolist() == [round(expected, 6)]


def test_s2_falls_back_on_words_where_vectors_are_away() -> None:
    components = S2_MESSAGE.components(_features(similarity=math.nan, keyword=4.0))
    assert components["similarity"].tolist() == [0.8]


@pytest.mark.parametrize("profile", [S1_FUSION, S2_MESSAGE, S4_HYBRID], ids=lambda profile: str(profile.name))
def test_weights_of_a_profile_sum_to_one(profile: Profile) -> None:
    assert sum(profile.weights.values()) == pytest.approx(1.0)


def test_equal_scores_go_by_latest_creation_and_then_by_id() -> None:
    ties = _ties([10, 20, 20, 5], [4, 3, 1, 2])
    assert ordered(_column([0.5, 0.5, 0.5, 0.9]), ties).tolist() == [3, 2, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=40), st.integers(1, 10))
def test_the_best_few_are_the_head_of_the_whole_order(rows: list[tuple[int, int, bool]], limit: int) -> None:
    scores = _column([float(score) for score, _, _ in rows])
    within = np.array([inside for _, _, inside in rows], dtype=np.bool_)
    ties = _ties([created for _, created, _ in rows], list(range(len(rows))))
    whole = [place for place in ordered(scores, ties).tolist() if within[place] and scores[place] > 0]
    assert best(scores, within, limit, ties).tolist() == whole[:limit]


def test_a_message_and_a_memory_of_the_same_words_are_shown_once() -> None:
    message, memory = 0, 1
    content = np.array([7, 7, 8, 7, 8], dtype=np.int64)
    kind = np.array([memory, message, message, message, message], dtype=np.uint8)
    assert twins(np.arange(5), content, kind).tolist() == [False, True, False, True, False]
