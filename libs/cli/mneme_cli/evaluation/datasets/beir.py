"""BEIR's layout: a folder with corpus.jsonl, queries.jsonl and qrels/<split>.tsv."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from mneme_cli.evaluation.datasets.dataset import Dataset, Document, Question, UnusableDatasetError

_GROUP = "corpus"
_SPLITS = ("test", "dev", "train")


def beir_dataset(folder: Path) -> Dataset:
    """All documents are one group's and one session's; graded judgements are gains, those of 0 count as none."""
    documents = tuple(_document(item) for item in _lines(folder / "corpus.jsonl"))
    known = {document.doc_id for document in documents}
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for query, doc_id, gain in _judgements(folder):
        if gain > 0 and doc_id in known:
            gains[query][doc_id] = gain
    questions = tuple(
        Question(str(item["_id"]), _GROUP, str(item["text"]), "all", gains[str(item["_id"])])
        for item in _lines(folder / "queries.jsonl")
        if str(item["_id"]) in gains
    )
    return Dataset("BEIR", documents, questions)


def _document(item: dict[str, object]) -> Document:
    title, text = str(item.get("title") or "").strip(), str(item.get("text") or "").strip()
    message = {
        "role": "user",
        "content": f"{title}\n{text}".strip(),
        "conversation_id": _GROUP,
        "metadata": {},
    }
    return Document(str(item["_id"]), _GROUP, _GROUP, message)


def _lines(path: Path) -> Iterator[dict[str, object]]:
    if not path.is_file():
        raise UnusableDatasetError(f"{path.name} is missing")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise UnusableDatasetError(f"{path.name} line {number}: {error}") from None


def _judgements(folder: Path) -> Iterator[tuple[str, str, float]]:
    path = next((found for split in _SPLITS if (found := folder / "qrels" / f"{split}.tsv").is_file()), None)
    if path is None:
        raise UnusableDatasetError("qrels/test.tsv is missing")
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield row["query-id"], row["corpus-id"], float(row["score"])
