"""Files become documents and questions; what is wrong in them is said with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mneme_cli.evaluation.datasets.dataset import UnusableDatasetError
from mneme_cli.evaluation.datasets.files import open_dataset
from mneme_cli.evaluation.identity import dataset_identity
from tests.fixtures.dialogue import DIALOGUE


def _locomo(tmp_path: Path, *questions: dict[str, Any]) -> Path:
    path = tmp_path / "dialogue.json"
    path.write_text(json.dumps([{**DIALOGUE[0], "qa": list(questions)}]))
    return path


def _asked(evidence: list[str], category: int = 4) -> dict[str, Any]:
    return {"question": "Where?", "answer": "there", "evidence": evidence, "category": category}


def test_a_dialogue_becomes_documents_by_turn_and_session(tmp_path: Path) -> None:
    dataset = open_dataset(_locomo(tmp_path, _asked(["D1:5"])))
    first = dataset.documents[0]
    assert (first.doc_id, first.group, first.session) == ("conv-own/D1:1", "conv-own", "session_1")
    assert dataset.questions[0].gains == {"conv-own/D1:5": 1.0}
    assert dataset.sessions["conv-own/D3:1"] == "conv-own/session_3"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["D1:5; D2:1"], {"D1:5", "D2:1"}),
        (["D1:5 D2:1 D3:2"], {"D1:5", "D2:1", "D3:2"}),
        (["D:1:5"], {"D1:5"}),
        (["D01:05", "D1:5"], {"D1:5"}),
        (["D1:5", "D9:99"], {"D1:5"}),
    ],
)
def test_evidence_is_understood_however_it_is_written(tmp_path: Path, written: list[str], meant: set[str]) -> None:
    (question,) = open_dataset(_locomo(tmp_path, _asked(written))).questions
    assert {doc_id.removeprefix("conv-own/") for doc_id in question.gains} == meant


def test_questions_that_name_no_turn_are_left_out_and_counted(tmp_path: Path) -> None:
    dataset = open_dataset(_locomo(tmp_path, _asked([]), _asked(["D9:9"]), _asked(["D1:1"])))
    assert (len(dataset.questions), dataset.remarks) == (1, ("2 questions name no turn that is there",))


def test_adversarial_questions_expect_nothing_even_without_evidence(tmp_path: Path) -> None:
    dataset = open_dataset(_locomo(tmp_path, _asked([], 5), _asked(["D1:1"], 1)))
    assert [(question.category, question.is_absent) for question in dataset.questions] == [("5", True), ("1", False)]


_YAML = """
documents:
  - {id: one, user: ada, conversation: c1, text: I live in Porto., name: Ada, at: 2024-03-01}
  - {id: two, text: I like tea., role: assistant}
questions:
  - {question: "Where does Ada live?", user: ada, relevant: [one], category: place}
  - {question: "What is good?", relevant: {two: 3}}
  - {question: "What is the capital of Mars?", absent: true}
"""


def test_documents_and_questions_can_be_written_as_yaml(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(_YAML)
    dataset = open_dataset(path)
    assert [(document.group, document.session) for document in dataset.documents] == [("ada", "c1"), ("all", "default")]
    assert dataset.documents[0].message == {
        "role": "user",
        "content": "I live in Porto.",
        "conversation_id": "c1",
        "name": "Ada",
        "occurred_at": "2024-03-01",
        "metadata": {},
    }
    assert [(q.category, dict(q.gains), q.is_absent) for q in dataset.questions] == [
        ("place", {"one": 1.0}, False),
        ("all", {"two": 3.0}, False),
        ("all", {}, True),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b", "documents and questions"),
        ("documents: [{id: one}]\nquestions: []", "document 1 lacks text"),
        ("documents: [{id: one, text: x, colour: red}]\nquestions: []", "unknown fields: colour"),
        ("documents: [{id: one, text: x}, {id: one, text: y}]\nquestions: []", "same id"),
        ("documents: [{id: one, text: x}]\nquestions: [{question: q, relevant: [two]}]", "not there: two"),
        ("documents: [{id: one, text: x}]\nquestions: [{question: q}]", "question 1 needs relevant documents"),
        ("documents: [{id: one, text: x}]", "questions must be a list"),
        ("documents: [", "not YAML"),
    ],
)
def test_what_is_wrong_in_yaml_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UnusableDatasetError, match=said):
        open_dataset(path)


def test_a_folder_in_beirs_layout_is_a_dataset_with_graded_judgements(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Tea", "text": "Green."}\n{"_id": "d2", "text": "Coffee."}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "tea?"}\n{"_id": "q2", "text": "unjudged"}\n')
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq1\tgone\t1\nq2\td2\t0\n"
    )
    dataset = open_dataset(tmp_path)
    assert [document.message["content"] for document in dataset.documents] == ["Tea\nGreen.", "Coffee."]
    assert [(question.question_id, question.gains) for question in dataset.questions] == [("q1", {"d1": 2.0})]


def test_a_folder_without_judgements_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "Green."}\n')
    with pytest.raises(UnusableDatasetError, match=r"qrels/test\.tsv is missing"):
        open_dataset(tmp_path)


def test_the_same_documents_have_the_same_identity_whatever_is_asked(tmp_path: Path) -> None:
    one = open_dataset(_locomo(tmp_path, _asked(["D1:1"])))
    other = open_dataset(_locomo(tmp_path, _asked(["D1:2"], 5)))
    assert dataset_identity(one) == dataset_identity(other) != dataset_identity(one.only(frozenset()))
