"""BM25 of the same words over three fields: the turn, the window around it, the episode that it belongs to.

Frequencies are dense rows, one a query term, so that a field's frequencies are sums of the turns' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Floats, Mask
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters, TermPostings
from mneme_gateway.decide.ranking_conversation import Conversation


@dataclass(frozen=True, slots=True)
class TermRows:
    """``frequencies`` has a row a term and a column a document; ``repetitions`` is how often the query has a term."""

    repetitions: Floats
    frequencies: Floats


@dataclass(frozen=True, slots=True)
class FieldScores:
    """A BM25 score of every document for each field."""

    turn: Floats
    window: Floats
    episode: Floats
    covered: Floats
    """The share of the question's terms, by IDF, that the window has; a related term counts by its weight."""


def term_rows(postings: Sequence[TermPostings], live: Mask) -> TermRows:
    """Dense frequencies of the live documents."""
    rows = np.zeros((len(postings), len(live)))
    for row, term in zip(rows, postings, strict=True):
        row[term.documents] = term.frequencies
    rows *= live
    return TermRows(np.array([term.repetitions for term in postings], dtype=np.float64), rows)


def field_scores(
    terms: TermRows, lengths: Floats, live: Mask, conversation: Conversation, parameters: Bm25Parameters
) -> FieldScores:
    """The three scores; ``lengths`` are numbers of terms, 0 for documents that are not live."""
    windows, of_windows = conversation.windows(terms.frequencies), conversation.windows(lengths)
    episodes = conversation.per_episode(terms.frequencies)
    of_episodes = conversation.per_episode(lengths[None, :])[0]
    everywhere = np.ones(len(of_episodes), dtype=np.bool_)
    scores = _bm25(TermRows(terms.repetitions, episodes), of_episodes, everywhere, parameters)
    return FieldScores(
        turn=_bm25(terms, lengths, live, parameters),
        window=_bm25(TermRows(terms.repetitions, windows), of_windows, live, parameters) * live,
        episode=scores[conversation.episode] * live,
        covered=_covered(terms, windows, live),
    )


def _covered(terms: TermRows, windows: Floats, live: Mask) -> Floats:
    count = int(np.count_nonzero(live))
    found = np.count_nonzero(terms.frequencies, axis=1)
    weights = terms.repetitions * np.log1p((count - found + 0.5) / (found + 0.5))
    covered: Floats = (weights @ np.minimum(windows, 1)) * live / max(float(weights.sum()), 1e-9)
    return covered


def _bm25(terms: TermRows, lengths: Floats, present: Mask, parameters: Bm25Parameters) -> Floats:
    """As ``ranking_bm25.bm25``, over dense rows; the sum runs in the order of the terms."""
    count = int(np.count_nonzero(present))
    average = float(lengths.sum()) / count if count else 0.0
    scores = np.zeros(len(lengths))
    if not average:
        return scores
    discount = parameters.k1 * (1 - parameters.b + parameters.b * lengths / average)
    for repetitions, frequencies in zip(terms.repetitions, terms.frequencies, strict=True):
        found = int(np.count_nonzero(frequencies))
        if found:
            weight = repetitions * np.log1p((count - found + 0.5) / (found + 0.5))
            scores += weight * frequencies * (parameters.k1 + 1) / (frequencies + discount)
    return scores
