"""What every second stage promises."""

from __future__ import annotations

import pytest

from mneme_common.domain.reranking import Reranker

QUERY = "who drinks green tea"


async def test_there_is_one_score_from_0_to_1_for_each_text(reranker: Reranker) -> None:
    scores = await reranker.scores("acme", QUERY, ["black coffee", "green tea", "the weather"])
    assert len(scores) == 3
    assert all(0 <= score <= 1 for score in scores)


async def test_what_answers_the_query_scores_higher_wherever_it_stands(reranker: Reranker) -> None:
    first = await reranker.scores("acme", QUERY, ["Ada drinks green tea", "the weather is fine"])
    last = await reranker.scores("acme", QUERY, ["the weather is fine", "Ada drinks green tea"])
    assert first[0] > first[1]
    assert last[1] > last[0]
    assert list(first) == pytest.approx([last[1], last[0]], abs=1e-6)


async def test_many_texts_are_scored_in_their_order(reranker: Reranker) -> None:
    texts = ["green tea" if number % 7 == 0 else "black coffee" for number in range(120)]
    scores = await reranker.scores("acme", QUERY, texts)
    best = [number for number, score in enumerate(scores) if score == max(scores)]
    assert best == list(range(0, 120, 7))


async def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert list(await reranker.scores("acme", QUERY, [])) == []
