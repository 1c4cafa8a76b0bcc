"""Signals of the default ranking: what speaks for a candidate.

Each has one reason that holds for any conversation; none knows a data set. Those that bring candidates are worked out
for every document, all others for the candidates alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mneme_gateway.decide.question import Question
from mneme_gateway.decide.question_dates import Days
from mneme_gateway.decide.ranking import Floats, Integers, Places
from mneme_gateway.decide.ranking_conversation import Conversation
from mneme_gateway.decide.ranking_fields import FieldScores

ASKS, TELLS_TIME = 1, 2
"""Bits of a text: a line of it ends with a question mark; it has a word that says when something was."""

_DAY = 86_400_000_000
_NEAR_DAYS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Columns by slot of a conversation; times in microseconds since 1970, ``speaker`` by number, -1 for nobody."""

    speaker: npt.NDArray[np.int32]
    occurred_at: Integers
    length: Floats
    """Number of terms, 0 for what is not of the corpus."""
    marks: npt.NDArray[np.uint8]
    is_corpus: Floats
    """1 for what is of the corpus."""
    members: Floats
    """How much of the corpus is in the window, 1 at least."""


class Signals:
    """What is known of every document in the light of one question; documents are told apart by their slots."""

    def __init__(
        self,
        question: Question,
        turns: Turns,
        conversation: Conversation,
        words: FieldScores,
        related: FieldScores,
        meaning: Floats,
    ) -> None:
        """``meaning`` is the cosine by slot, 0 where none is known."""
        self._question = question
        self._turns = turns
        self._conversation = conversation
        self._words = words
        self._related = related
        self._meaning = meaning
        self._meaning_window = conversation.windows(meaning * turns.is_corpus) / turns.members
        self.speaker = _spoken_by(question, turns, conversation)

    def column(self, name: str) -> Floats:
        """One entry a slot, of a signal that brings candidates."""
        columns: Mapping[str, Floats] = {
            "words": self._words.turn,
            "words_window": self._words.window * self._turns.is_corpus,
            "related_window": self._related.window * self._turns.is_corpus,
            "meaning": self._meaning,
            "meaning_window": self._meaning_window,
        }
        return columns[name]

    def at(self, slots: Places) -> dict[str, Floats]:
        """All signals of some documents, one entry each."""
        turns, words, related, meaning = self._turns, self._words, self._related, self._meaning
        is_corpus, episode = turns.is_corpus[slots], self._conversation.episode[slots]
        asks = ((turns.marks[slots] & ASKS) > 0).astype(np.float64)
        asked_before = self._of_turn_before(slots, turns.marks & ASKS) > 0
        return {
            # The turn itself, the exchange that it stands in, and what the whole episode is about.
            "words": words.turn[slots],
            "words_window": words.window[slots] * is_corpus,
            "words_episode": words.episode[episode] * is_corpus,
            # The same with words of like meaning: people ask in other words than they told.
            "related": related.turn[slots],
            "related_window": related.window[slots] * is_corpus,
            "related_episode": related.episode[episode] * is_corpus,
            # What no word has in common.
            "meaning": meaning[slots],
            "meaning_window": self._meaning_window[slots],
            # Who is asked about has mostly said it.
            "speaker": self.speaker[slots],
            # A question for a time is answered where a time is told.
            "time_told": float(self._question.asks_when) * ((turns.marks[slots] & TELLS_TIME) > 0),
            # What is asked of a day was said on it or soon after.
            "date": _near(self._question.days, turns.occurred_at[slots]),
            # A longer turn tells more; what is new is told first.
            "length": np.log1p(turns.length[slots]),
            "opens": self._conversation.opens[slots].astype(np.float64),
            # A question tells less than an answer; the turn after one like that asked now answers it.
            "question": asks,
            "answer_words": asked_before * self._of_turn_before(slots, words.turn),
            "answer_meaning": asked_before * self._of_turn_before(slots, meaning),
            "covered": words.covered[slots] * is_corpus,  # not for the order, but for how far to trust it
            "covered_related": related.covered[slots] * is_corpus,
        }

    def _of_turn_before(self, slots: Places, column: npt.NDArray[np.generic]) -> Floats:
        """The value of the message before, 0 where there is none and for memories."""
        follows = self._conversation.is_message[slots] & self._conversation.is_message[slots - 1]
        return np.where(follows, column[slots - 1], 0.0)


def _spoken_by(question: Question, turns: Turns, conversation: Conversation) -> Floats:
    """1 where one of those who are named speaks; a memory was said by who said its source."""
    if not question.speakers:
        return np.zeros(len(conversation))
    spoken = np.isin(turns.speaker, list(question.speakers))
    spoken[conversation.memories] |= spoken[conversation.sources]
    return spoken.astype(np.float64)


def _near(spans: Sequence[Days], occurred_at: Integers) -> Floats:
    """1 on the days that are meant, falling to 1/e in ten days."""
    found = np.zeros(len(occurred_at))
    if spans:
        days = occurred_at // _DAY + 719_163  # the ordinal of 1970-01-01
        for first, last in spans:
            apart = np.maximum(np.maximum(first - days, days - last), 0)
            found = np.maximum(found, np.exp(-apart / _NEAR_DAYS))
    return found
