"""Signals of the default ranking: what speaks for a candidate, each a column over all documents of a user.

Each has one reason that holds for any conversation; none knows a data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mneme_gateway.decide.question import Question
from mneme_gateway.decide.question_dates import Days
from mneme_gateway.decide.ranking import Floats, Integers, Mask
from mneme_gateway.decide.ranking_conversation import Conversation
from mneme_gateway.decide.ranking_fields import FieldScores

ASKS, TELLS_TIME = 1, 2
"""Bits of a text: a line of it ends with a question mark; it has a word that says when something was."""

_DAY = 86_400_000_000
_NEAR_DAYS = 10.0

Signals = dict[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Columns over all documents of a user; times in microseconds since 1970, ``speaker`` by number."""

    speaker: npt.NDArray[np.int32]
    occurred_at: Integers
    length: Floats
    marks: npt.NDArray[np.uint8]
    live: Mask


def signals_of(
    question: Question,
    turns: Turns,
    conversation: Conversation,
    words: FieldScores,
    related: FieldScores,
    similarity: Floats,
) -> Signals:
    """A column for each signal. A cosine that is not known counts as none at all."""
    meaning = np.nan_to_num(similarity, nan=0.0)
    asks = ((turns.marks & ASKS) > 0).astype(np.float64)
    asked_before = _of_turn_before(asks, conversation)
    return {
        # The turn itself, the exchange that it stands in, and what the whole episode is about.
        "words": words.turn,
        "words_window": words.window,
        "words_episode": words.episode,
        # The same with words of like meaning: people ask in other words than they told.
        "related": related.turn,
        "related_window": related.window,
        "related_episode": related.episode,
        # What no word has in common.
        "meaning": meaning,
        "meaning_window": _mean_of_window(meaning, turns.live, conversation),
        # Who is asked about has mostly said it.
        "speaker": _spoken_by(question, turns, conversation),
        # A question for a time is answered where a time is told.
        "time_told": float(question.asks_when) * ((turns.marks & TELLS_TIME) > 0),
        # What is asked of a day was said on it or soon after.
        "date": _near(question.days, turns.occurred_at),
        # A longer turn tells more; what is new is told first.
        "length": np.log1p(turns.length),
        "opens": conversation.opens.astype(np.float64),
        # A question tells less than an answer; the turn after one like that asked now answers it.
        "question": asks,
        "answer_words": asked_before * _of_turn_before(words.turn, conversation),
        "answer_meaning": asked_before * _of_turn_before(meaning, conversation),
        "covered": words.covered,  # not for the order, but for how far to trust it
        "covered_related": related.covered,
    }


def _mean_of_window(column: Floats, live: Mask, conversation: Conversation) -> Floats:
    members = np.maximum(conversation.windows(live.astype(np.float64)), 1)
    mean: Floats = conversation.windows(column * live) / members
    return mean


def _of_turn_before(column: Floats, conversation: Conversation) -> Floats:
    return np.where(conversation.before >= 0, column[conversation.before], 0.0)


def _spoken_by(question: Question, turns: Turns, conversation: Conversation) -> Floats:
    """1 where one of those who are named speaks; a memory was said by who said its source."""
    spoken = np.isin(turns.speaker, list(question.speakers))
    told = np.flatnonzero(conversation.source >= 0)
    spoken[told] |= spoken[conversation.source[told]]
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
