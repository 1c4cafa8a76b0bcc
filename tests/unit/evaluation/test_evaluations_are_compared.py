from __future__ import annotations

from typing import Any

import pytest

from mneme_cli.evaluation.asking import Found, Packed
from mneme_cli.evaluation.comparing import change, compare
from mneme_cli.evaluation.datasets.dataset import Question
from mneme_cli.evaluation.measuring import Result, abstention, by_category, by_group, measured, summary

_SESSIONS = {"a": "g/s1", "b": "g/s2", "x": "g/s3"}


def _result(found: str, relevant: str, category: str = "1", *, absent: bool = False, score: float = 0.5) -> Result:
    question = Question("q", "g", "?", category, dict.fromkeys(relevant.split(), 1.0), absent)
    hits = tuple(frozenset({document}) for document in found.split())
    return measured(question, Found(hits, (score,) * len(hits), 1.0), _SESSIONS)


def test_a_summary_is_the_mean_over_questions_that_have_an_answer_to_find() -> None:
    results = [_result("a x", "a"), _result("x a", "a b"), _result("x", "")]
    found = summary(results)
    assert (found["questions"], found["recall@5"], found["MRR"]) == (2, 0.75, 0.75)
    assert found["session_any@1"] == 0.5
    assert summary([_result("x", "")]) == {"questions": 0}


def test_categories_and_groups_are_summed_up_apart() -> None:
    results = [_result("a", "a", "1"), _result("x", "a", "2"), _result("x", "a", "5", absent=True)]
    assert {name: part["recall@10"] for name, part in by_category(results).items()} == {"1": 1.0, "2": 0.0, "5": 0.0}
    assert by_group(results)["g"]["questions"] == 2


def test_survival_is_of_the_evidence_that_was_found_and_pack_recall_of_all() -> None:
    question = Question("q", "g", "?", "1", {"a": 1.0, "b": 1.0})
    pack = Packed(frozenset({"a"}), frozenset({"a", "x"}), 90, 1.0)
    result = measured(question, Found((frozenset({"a"}),), (1.0,), 1.0), _SESSIONS, {100: pack})
    found = summary([result])
    assert (found["survival@100"], found["pack_recall@100"], found["pack_tokens@100"]) == (1.0, 0.5, 90)


def test_abstention_tells_silence_where_there_is_no_answer_from_silence_where_there_is_one() -> None:
    results = [
        _result("a", "a", score=0.9),
        _result("", "a"),
        _result("x", "", "5", absent=True, score=0.4),
        _result("", "", "5", absent=True),
        _result("", "", "5", absent=True),
    ]
    found: dict[str, Any] = abstention(results)
    assert found["answerable"]["nothing_returned"] == 0.5
    assert found["adversarial"]["nothing_returned"] == pytest.approx(2 / 3)
    assert found["adversarial"]["top_score"] == {"p5": 0.4, "p50": 0.4, "p95": 0.4}
    assert found["separation"] == pytest.approx((3 + 0 + 0.5 + 0.5) / 6)


def test_a_change_counts_what_rose_and_what_fell_and_bounds_the_difference() -> None:
    found = change("recall@10", [0.0, 0.0, 1.0, 0.5], [1.0, 0.0, 0.5, 0.5])
    assert (found.before, found.after, found.better, found.worse) == (0.375, 0.5, 1, 1)
    assert found.low <= found.difference <= found.high
    same = change("recall@10", [0.5] * 5, [0.5] * 5)
    assert (same.low, same.high, same.better, same.worse) == (0.0, 0.0, 0, 0)


def _artefact(**recall: float) -> dict[str, Any]:
    questions: list[dict[str, Any]] = [
        {"id": name, "category": "5" if name == "absent" else "1", "measures": {"recall@10": value}}
        for name, value in recall.items()
    ]
    return {"questions": questions, "absent_categories": ["5"]}


def test_only_questions_with_an_answer_that_both_have_are_compared() -> None:
    found = compare(_artefact(one=0.0, two=1.0, absent=0.0), _artefact(two=0.5, one=0.5, three=1.0, absent=1.0))
    (recall,) = found.changes
    assert (found.questions, found.only_before, found.only_after) == (2, 0, 1)
    assert (recall.before, recall.after, recall.better, recall.worse) == (0.5, 0.5, 1, 1)
