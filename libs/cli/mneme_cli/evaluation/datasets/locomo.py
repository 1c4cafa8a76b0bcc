"""LoCoMo: dialogues with questions, each with the turns (``dia_id``) that answer it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mneme_cli.evaluation.datasets.dataset import ADVERSARIAL, Dataset, Document, Question
from mneme_cli.sources.locomo import LocomoSource
from mneme_cli.sources.turns import Turn

# The data writes "D8:6; D9:17", "D9:1 D4:4 D4:6", "D:11:26" and "D30:05" too.
_TURN = re.compile(r"D:?(\d+):(\d+)")


def locomo_dataset(samples: Sequence[Mapping[str, object]]) -> Dataset:
    """A sample is a group. Questions whose evidence names no turn of the dialogue are left out, and said."""
    turns = [item for item in LocomoSource(samples).turns() if isinstance(item, Turn)]
    documents = tuple(_document(turn) for turn in turns)
    known = {document.doc_id for document in documents}
    questions: list[Question] = []
    left_out: list[Question] = []
    for sample in samples:
        for question in _questions(sample, known):
            (questions if question.gains or question.is_absent else left_out).append(question)
    remarks = (f"{len(left_out)} questions name no turn that is there",) if left_out else ()
    return Dataset("LoCoMo", documents, tuple(questions), remarks)


def _document(turn: Turn) -> Document:
    group = str(turn.user_id)
    metadata = turn.message["metadata"]
    dia_id = str(metadata.get("dia_id")) if isinstance(metadata, Mapping) else ""
    return Document(_doc_id(group, dia_id), group, str(turn.message["conversation_id"]), turn.message)


def _questions(sample: Mapping[str, object], known: set[str]) -> Iterator[Question]:
    group = str(sample.get("sample_id"))
    asked = sample.get("qa")
    for number, item in enumerate(asked if isinstance(asked, list) else [], start=1):
        category = str(item["category"])
        evidence = {doc_id for named in item.get("evidence", []) for doc_id in _named(group, str(named))}
        yield Question(
            f"{group}/{number}",
            group,
            str(item["question"]),
            category,
            dict.fromkeys(sorted(evidence & known), 1.0),
            category == ADVERSARIAL,
        )


def _named(group: str, text: str) -> Iterator[str]:
    for session, turn in _TURN.findall(text):
        yield _doc_id(group, f"D{session}:{turn}")


def _doc_id(group: str, dia_id: str) -> str:
    found = _TURN.fullmatch(dia_id)
    return f"{group}/D{int(found[1])}:{int(found[2])}" if found else f"{group}/{dia_id}"
