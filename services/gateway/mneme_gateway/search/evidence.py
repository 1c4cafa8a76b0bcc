"""What the documents of a view are worth in the light of one query: scores over all of them, in arrays."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from mneme_common.domain.text import words
from mneme_common.domain.vectors import Vector
from mneme_gateway.decide.question import Question, question_of
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.decide.ranking_fields import TermRows, field_scores, term_rows
from mneme_gateway.decide.ranking_signals import Signals, Turns, signals_of
from mneme_gateway.search.documents import Flags, Floats
from mneme_gateway.search.index import View
from mneme_gateway.search.tokens import term_id
from mneme_gateway.search.vocabulary import Vocabulary

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Similarities:
    """The cosine of every document, NaN where none is known, and how long that took."""

    columns: Floats
    vector_ms: float


def similarities(view: View, vector: Vector | None) -> Similarities:
    """Compares a query with all documents."""
    started = time.perf_counter()
    columns = view.embeddings.similarity(vector)
    columns[~view.live] = np.nan
    return Similarities(columns, (time.perf_counter() - started) * 1000)


def signals(view: View, text: str, within: Flags, similarity: Floats, vocabulary: Vocabulary) -> Signals:
    """The signals of every document; those ``within`` are the corpus that the words are counted in."""
    question = _question(view, text, within)
    parameters = Bm25Parameters()
    lengths: Floats = np.where(within, view.documents.length, 0.0)
    exact = term_rows([view.postings(term_id(term), count) for term, count in question.terms.items()], within)
    related = _related_rows(view, question, within, vocabulary)
    documents = view.documents
    turns = Turns(
        speaker=documents.name,
        occurred_at=documents.occurred_at,
        length=lengths,
        marks=documents.marks,
        live=within,
    )
    return signals_of(
        question,
        turns,
        view.conversation,
        field_scores(exact, lengths, within, view.conversation, parameters),
        field_scores(related, lengths, within, view.conversation, parameters),
        similarity,
    )


def _question(view: View, text: str, within: Flags) -> Question:
    asked = [word.replace("\u2019", "'").removesuffix("'s") for word in words(text)]
    heard = view.speakers.heard(asked, view.documents.name, within)
    return question_of(text, heard, _last_day(view, within))


def _last_day(view: View, within: Flags) -> date:
    moments = view.documents.occurred_at[within]
    latest = int(moments.max()) if len(moments) else 0
    return datetime.fromtimestamp(latest / _MICROSECONDS, UTC).date()


def _related_rows(view: View, question: Question, within: Flags, vocabulary: Vocabulary) -> TermRows:
    rows = []
    for term in question.terms:
        related = vocabulary.related(term, term_id(term))
        rows.append(view.frequencies(related.terms, related.weights) * within)
    repetitions = np.array(list(question.terms.values()), dtype=np.float64)
    return TermRows(repetitions, np.array(rows).reshape(len(rows), len(within)))
