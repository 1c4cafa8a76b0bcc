"""Every measure against values that were worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mneme_cli.evaluation import metrics


def _ranking(*hits: str) -> list[frozenset[str]]:
    """Hits by their documents: "a" is one document, "a b" two."""
    return [frozenset(hit.split()) for hit in hits]


def test_recall_is_the_share_of_the_relevant_that_came_up() -> None:
    ranking = _ranking("x", "a", "y", "b")
    values = [metrics.recall(ranking, {"a", "b", "c"}, k) for k in (1, 2, 3, 4, 50)]
    assert values == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 2 / 3])


def test_all_found_wants_every_relevant_document() -> None:
    ranking = _ranking("a", "x", "b")
    assert [metrics.all_found(ranking, {"a", "b"}, k) for k in (1, 2, 3)] == [0.0, 0.0, 1.0]


def test_reciprocal_rank_looks_at_the_first_relevant_hit_alone() -> None:
    assert metrics.reciprocal_rank(_ranking("x", "y", "b", "a"), {"a", "b"}) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(_ranking("x"), {"a"}) == 0.0


def test_ndcg_discounts_by_the_logarithm_of_the_place() -> None:
    found = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    gains = {"a": 1.0, "b": 1.0, "c": 1.0}
    assert metrics.ndcg(_ranking("x", "a", "y", "b"), gains, 10) == pytest.approx(found / ideal)
    assert metrics.ndcg(_ranking("x", "a", "y", "b"), gains, 2) == pytest.approx(
        (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    )


def test_ndcg_takes_graded_gains_as_they_are() -> None:
    found = 1 / math.log2(2) + 3 / math.log2(3)
    ideal = 3 / math.log2(2) + 1 / math.log2(3)
    assert metrics.ndcg(_ranking("low", "high"), {"high": 3.0, "low": 1.0}, 10) == pytest.approx(found / ideal)


def test_a_document_that_comes_up_again_gains_nothing() -> None:
    assert metrics.ndcg(_ranking("a", "a", "b"), {"a": 1.0, "b": 1.0}, 10) == pytest.approx(
        (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    )


def test_a_memory_counts_for_all_messages_that_it_was_extracted_from() -> None:
    ranking = _ranking("x", "a b")
    assert (metrics.recall(ranking, {"a", "b"}, 2), metrics.reciprocal_rank(ranking, {"b"})) == (1.0, 0.5)
    assert metrics.ndcg(_ranking("a b"), {"a": 1.0, "b": 1.0}, 10) == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_sessions_are_counted_once_each_however_many_hits_they_have() -> None:
    sessions = ["s1", "s1", "s1", "s2", "s3"]
    assert [metrics.any_session(sessions, {"s2"}, k) for k in (1, 2)] == [0.0, 1.0]
    assert metrics.any_session(sessions, {"s9"}, 10) == 0.0


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [metrics.percentile(values, share) for share in (0.01, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert metrics.percentile([7.0], 0.5) == 7.0


def test_separation_is_the_chance_of_the_right_order() -> None:
    assert metrics.separation([3.0, 2.0], [1.0, 0.0]) == 1.0
    assert metrics.separation([0.0], [1.0, 2.0]) == 0.0
    assert metrics.separation([1.0, 3.0], [2.0, 1.0]) == pytest.approx((0.5 + 0 + 1 + 1) / 4)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_separation_counts_pairs_as_one_would_by_hand(higher: list[int], lower: list[int]) -> None:
    pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one in higher for other in lower]
    found = metrics.separation([float(value) for value in higher], [float(value) for value in lower])
    assert found == pytest.approx(sum(pairs) / len(pairs))


_DOCUMENTS = st.sampled_from("abcdefgh")
_RANKINGS = st.lists(st.frozensets(_DOCUMENTS, min_size=1, max_size=3), max_size=20)


@given(_RANKINGS, st.sets(_DOCUMENTS, min_size=1), st.integers(1, 25))
def test_every_measure_stays_between_nothing_and_everything(
    ranking: list[frozenset[str]], relevant: set[str], k: int
) -> None:
    values = (
        metrics.recall(ranking, relevant, k),
        metrics.all_found(ranking, relevant, k),
        metrics.reciprocal_rank(ranking, relevant),
        metrics.ndcg(ranking, dict.fromkeys(relevant, 1.0), k),
    )
    assert all(0 <= value <= 1 + 1e-12 for value in values)
    assert metrics.recall(ranking, relevant, k) <= metrics.recall(ranking, relevant, k + 1)


@given(st.sets(_DOCUMENTS, min_size=1))
def test_the_best_order_is_worth_one(relevant: set[str]) -> None:
    ranking = [frozenset({document}) for document in sorted(relevant)]
    gains = dict.fromkeys(relevant, 1.0)
    assert metrics.ndcg(ranking, gains, 10) == pytest.approx(1.0)
    assert metrics.reciprocal_rank(ranking, relevant) == metrics.all_found(ranking, relevant, 10) == 1.0


def test_spread_is_the_standard_deviation_of_the_groups() -> None:
    assert [metrics.spread([0.5]), metrics.spread([0.2, 0.4])] == pytest.approx([0.0, 0.1])
