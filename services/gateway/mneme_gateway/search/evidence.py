"""What the documents of a view are worth in the light of one query: scores over all of them, in arrays."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mneme_common.domain.text import words
from mneme_common.domain.vectors import Vector
from mneme_gateway.decide.question import Question, question_of
from mneme_gateway.decide.ranking_fields import TermEntries, field_scores
from mneme_gateway.decide.ranking_signals import Signals
from mneme_gateway.search.corpus import Corpus
from mneme_gateway.search.documents import Floats
from mneme_gateway.search.index import View
from mneme_gateway.search.tokens import term_id
from mneme_gateway.search.vocabulary import Related, Vocabulary

_TERMS_AT_ONCE = 16
"""Bounds the memory of long queries."""


@dataclass(frozen=True, slots=True)
class Similarities:
    """The cosine of every document, NaN where none is known, and how long that took."""

    columns: Floats
    vector_ms: float


def similarities(view: View, vector: Vector | None) -> Similarities:
    """Compares a query with all documents that are live."""
    started = time.perf_counter()
    columns = view.embeddings.similarity(vector)
    return Similarities(columns, (time.perf_counter() - started) * 1000)


def signals(view: View, text: str, corpus: Corpus, similarity: Floats, vocabulary: Vocabulary) -> Signals:
    """The signals of every document; those of the corpus are what the words are counted in."""
    question = _question(view, text, corpus)
    conversation = view.conversation
    return Signals(
        question,
        corpus.turns,
        conversation,
        field_scores(list(_exact(view, question, corpus)), corpus.fields, conversation),
        field_scores(list(_related(view, question, corpus, vocabulary)), corpus.fields, conversation),
        conversation.row(conversation.slot, np.where(np.isnan(similarity), 0.0, similarity)),
    )


def _question(view: View, text: str, corpus: Corpus) -> Question:
    asked = [word.replace("\u2019", "'").removesuffix("'s") for word in words(text)]
    heard = view.speakers.heard(asked, view.documents.name, corpus.within)
    return question_of(text, heard, corpus.last_day)


def _exact(view: View, question: Question, corpus: Corpus) -> Iterator[TermEntries]:
    nowhere = len(view.conversation) - 1
    for term, repetitions in question.terms.items():
        postings = view.postings(term_id(term))
        slots = corpus.slot[postings.documents]
        kept = slots != nowhere
        yield TermEntries(repetitions, slots[kept], postings.frequencies[kept].astype(np.float64))


def _related(view: View, question: Question, corpus: Corpus, vocabulary: Vocabulary) -> Iterator[TermEntries]:
    """For every document the frequency of whichever related term has the most there, weighted."""
    terms = list(question.terms)
    for first in range(0, len(terms), _TERMS_AT_ONCE):
        group = terms[first : first + _TERMS_AT_ONCE]
        related = [vocabulary.related(term, term_id(term)) for term in group]
        for term, row in zip(group, _heaviest(view, corpus, related), strict=True):
            slots = np.flatnonzero(row > 0)
            yield TermEntries(question.terms[term], slots, row[slots])


def _heaviest(view: View, corpus: Corpus, related: Sequence[Related]) -> Floats:
    """A row for each group of related terms, an entry a slot."""
    rows = np.zeros((len(related), len(view.conversation)))
    weights = np.concatenate([each.weights for each in related])
    row = np.repeat(np.arange(len(related)), [len(each.terms) for each in related])
    for documents, frequencies, owners in view.find_all(np.concatenate([each.terms for each in related])):
        entries = row[owners] * len(view.conversation) + corpus.slot[documents]
        np.maximum.at(rows.reshape(-1), entries, frequencies * weights[owners])
    rows[:, -1] = 0.0
    return rows
