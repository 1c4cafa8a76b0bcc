"""Documents and questions as people write them (docs/evaluation.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mneme_cli.evaluation.datasets.dataset import Dataset, Document, Question, UnusableDatasetError

_GROUP, _SESSION, _CATEGORY = "all", "default", "all"
_MESSAGE_FIELDS = frozenset({"text", "role", "name", "at", "metadata", "importance", "namespace"})
_DOCUMENT_FIELDS = _MESSAGE_FIELDS | {"id", "user", "conversation"}
_QUESTION_FIELDS = frozenset({"question", "relevant", "category", "user", "absent"})


def yaml_dataset(path: Path) -> Dataset:
    """The dataset in a file; raises UnusableDatasetError that names the place of what is wrong."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UnusableDatasetError(f"not YAML: {error}") from None
    if not isinstance(value, Mapping) or not isinstance(value.get("documents"), list):
        raise UnusableDatasetError("expected an object with documents and questions")
    documents = tuple(_document(item, place) for place, item in enumerate(value["documents"], start=1))
    known = {document.doc_id for document in documents}
    if len(known) < len(documents):
        raise UnusableDatasetError("two documents have the same id")
    asked = value.get("questions")
    questions = tuple(_question(item, place, known) for place, item in enumerate(_listed(asked), start=1))
    return Dataset("YAML", documents, questions)


def _document(item: object, place: int) -> Document:
    found = _object(item, f"document {place}", _DOCUMENT_FIELDS, {"id", "text"})
    session = str(found.get("conversation", _SESSION))
    message = {
        "role": str(found.get("role", "user")),
        "content": str(found["text"]),
        "conversation_id": session,
        "name": found.get("name"),
        "occurred_at": None if found.get("at") is None else str(found["at"]),
        "metadata": dict(found.get("metadata") or {}),
        "importance": found.get("importance"),
        "namespace": found.get("namespace"),
    }
    known = {name: value for name, value in message.items() if value is not None}
    return Document(str(found["id"]), str(found.get("user", _GROUP)), session, known)


def _question(item: object, place: int, known: set[str]) -> Question:
    where = f"question {place}"
    found = _object(item, where, _QUESTION_FIELDS, {"question"})
    relevant = found.get("relevant") or []
    gains = relevant if isinstance(relevant, Mapping) else dict.fromkeys(relevant, 1.0)
    unknown = [str(doc_id) for doc_id in gains if str(doc_id) not in known]
    if unknown:
        raise UnusableDatasetError(f"{where} names documents that are not there: {', '.join(unknown)}")
    is_absent = bool(found.get("absent"))
    if not gains and not is_absent:
        raise UnusableDatasetError(f"{where} needs relevant documents, or absent: true")
    return Question(
        str(place),
        str(found.get("user", _GROUP)),
        str(found["question"]),
        str(found.get("category", _CATEGORY)),
        {str(doc_id): float(gain) for doc_id, gain in gains.items()},
        is_absent,
    )


def _object(item: object, where: str, allowed: frozenset[str], needed: set[str]) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise UnusableDatasetError(f"{where} must be an object")
    if missing := sorted(needed - item.keys()):
        raise UnusableDatasetError(f"{where} lacks {', '.join(missing)}")
    if unknown := sorted(str(name) for name in item.keys() - allowed):
        raise UnusableDatasetError(f"{where} has unknown fields: {', '.join(unknown)}")
    return item


def _listed(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise UnusableDatasetError("questions must be a list")
    return value
