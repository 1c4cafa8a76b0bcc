"""BM25 of the same words over three fields: the turn, the window around it, the episode that it belongs to.

A field's frequencies are sums of the turns' own. What does not depend on the question is worked out once for a corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Floats, Places
from mneme_gateway.decide.ranking_bm25 import Bm25Parameters
from mneme_gateway.decide.ranking_conversation import Conversation


@dataclass(frozen=True, slots=True)
class TermEntries:
    """One query term: how often the query has it, and the slots of the corpus that do, each once."""

    repetitions: float
    slots: Places
    frequencies: Floats


@dataclass(frozen=True, slots=True)
class Field:
    """``count`` texts, and for each the discount of its length."""

    count: int
    discount: Floats
    parameters: Bm25Parameters

    def weight(self, repetitions: float, found: int) -> float:
        """What a term is worth of which so many texts have some."""
        return repetitions * float(np.log1p((self.count - found + 0.5) / (found + 0.5)))

    def scores(self, repetitions: float, places: Places, frequencies: Floats) -> Floats:
        """What a term adds to the texts at ``places``, who are all that have it."""
        weight = self.weight(repetitions, len(places))
        scores: Floats = weight * frequencies * (self.parameters.k1 + 1) / (frequencies + self.discount[places])
        return scores


@dataclass(frozen=True, slots=True)
class Fields:
    """The three fields of a corpus: texts are slots, slots, and episodes."""

    turn: Field
    window: Field
    episode: Field


@dataclass(frozen=True, slots=True)
class FieldScores:
    """A BM25 score of every slot, and of every episode."""

    turn: Floats
    window: Floats
    episode: Floats
    covered: Floats
    """The share of the question's terms, by IDF, that the window has; a related term counts by its weight."""


def fields_of(lengths: Floats, count: int, conversation: Conversation, parameters: Bm25Parameters) -> Fields:
    """The fields of ``count`` documents; ``lengths`` are numbers of terms by slot, 0 for what is not of the corpus."""
    of_episodes = conversation.per_episode(lengths)
    return Fields(
        _field(lengths, count, parameters),
        _field(conversation.windows(lengths), count, parameters),
        _field(of_episodes, len(of_episodes), parameters),
    )


def field_scores(terms: Sequence[TermEntries], fields: Fields, conversation: Conversation) -> FieldScores:
    """The three scores; each sum runs in the order of the terms."""
    turn, window, covered = (np.zeros(len(conversation)) for _ in range(3))
    episode, total = np.zeros(len(conversation.begins)), 0.0
    for term in terms:
        weight = fields.turn.weight(term.repetitions, len(term.slots))
        total += weight
        if not len(term.slots):
            continue
        turn[term.slots] += fields.turn.scores(term.repetitions, term.slots, term.frequencies)
        row = conversation.row(term.slots, term.frequencies)
        windows = conversation.windows(row)
        heard = np.flatnonzero(windows > 0)
        of_windows = windows[heard]
        window[heard] += fields.window.scores(term.repetitions, heard, of_windows)
        covered[heard] += weight * np.minimum(of_windows, 1)
        of_episodes = conversation.per_episode(row)
        told = np.flatnonzero(of_episodes > 0)
        episode[told] += fields.episode.scores(term.repetitions, told, of_episodes[told])
    return FieldScores(turn, window, episode, covered / max(total, 1e-9))


def _field(lengths: Floats, count: int, parameters: Bm25Parameters) -> Field:
    average = float(lengths.sum()) / count if count else 0.0
    # Without a single term anywhere nothing matches either; 1.0 only keeps the division defined.
    discount = parameters.k1 * (1 - parameters.b + parameters.b * lengths / (average or 1.0))
    return Field(count, discount, parameters)
