"""What every format of evaluation data becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ADVERSARIAL = "5"
"""The category of LoCoMo whose questions have no answer: for abstention, apart from all averages."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found. ``group`` is whose memory it is in, ``session`` the conversation it was said in."""

    doc_id: str
    group: str
    session: str
    message: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to one group's memory. ``gains`` says how much each document that answers it is worth."""

    question_id: str
    group: str
    text: str
    category: str
    gains: Mapping[str, float] = field(default_factory=dict)
    is_absent: bool = False
    """Whether the memory holds no answer, so that nothing should be returned."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents in the order in which they are to be told; ``remarks`` say what could not be used."""

    format_name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    remarks: tuple[str, ...] = ()

    @property
    def sessions(self) -> dict[str, str]:
        """The session of each document, unique across groups."""
        return {document.doc_id: f"{document.group}/{document.session}" for document in self.documents}

    def only(self, groups: frozenset[str]) -> Dataset:
        """Documents and questions of these groups."""
        return Dataset(
            self.format_name,
            tuple(document for document in self.documents if document.group in groups),
            tuple(question for question in self.questions if question.group in groups),
            self.remarks,
        )


class UnusableDatasetError(Exception):
    """The file is no dataset; the text says what was expected."""
