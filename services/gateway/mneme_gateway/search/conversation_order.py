"""Who spoke before and after whom: the order of a user's records within their sessions, kept while they grow."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from mneme_gateway.decide.ranking import Places
from mneme_gateway.decide.ranking_conversation import Conversation
from mneme_gateway.search.documents import MEMORY, Documents, Flags

_FEW = 64
_PAUSE = 6 * 3_600_000_000
"""Microseconds. After so long a silence the same session is taken up anew: another episode."""


class ConversationOrder:
    """All documents by session, time and creation, closed ones too; memories after the message of their moment."""

    def __init__(self) -> None:
        self._places: Places = np.empty(0, dtype=np.intp)

    def add(self, documents: Documents, first: int) -> None:
        """Takes in the documents from number ``first`` on."""
        added = np.arange(first, len(documents))
        if len(added) > _FEW:
            self._places = _sorted(documents, np.concatenate([self._places, added]))
            return
        for place in added.tolist():
            where = bisect_left(self._places, _key(documents, place), key=lambda each: _key(documents, each))
            self._places = np.insert(self._places, where, place)

    @property
    def size(self) -> int:
        """How many documents it has taken in."""
        return len(self._places)

    def among(self, documents: Documents, live: Flags) -> Conversation:
        """The order of the live documents alone: what is gone stands between nobody."""
        order = self._places[live[self._places]]
        session, moment = documents.session[order], documents.occurred_at[order]
        begins = np.ones(len(order), dtype=np.bool_)
        begins[1:] = (session[1:] != session[:-1]) | (moment[1:] - moment[:-1] > _PAUSE)
        episode = np.zeros(len(documents), dtype=np.intp)
        episode[order] = np.cumsum(begins) - 1
        is_message = documents.kind[order] != MEMORY
        said = order[is_message]
        follows = episode[said[1:]] == episode[said[:-1]]
        before, after = np.full(len(documents), -1), np.full(len(documents), -1)
        before[said[1:][follows]] = said[:-1][follows]
        after[said[:-1][follows]] = said[1:][follows]
        source = _sources(order, is_message, episode)
        opens = (before < 0) & (source < 0)
        opens |= (source >= 0) & opens[source]
        return Conversation(before, after, source, opens, episode, int(begins.sum()))

    @property
    def nbytes(self) -> int:
        """Bytes of the order."""
        return self._places.nbytes


def _sources(order: Places, is_message: Flags, episode: Places) -> Places:
    """For each memory the last message of its episode up to its moment; -1 for all else."""
    sources = np.full(len(episode), -1)
    rank = np.maximum.accumulate(np.where(is_message, np.arange(len(order)), -1))
    told = ~is_message & (rank >= 0)
    memory, message = order[told], order[rank[told]]
    together = episode[memory] == episode[message]
    sources[memory[together]] = message[together]
    return sources


def _sorted(documents: Documents, places: Places) -> Places:
    keys = (
        documents.record_low[places],
        documents.record_high[places],
        documents.created_at[places],
        documents.kind[places],
        documents.occurred_at[places],
        documents.session[places],
    )
    return places[np.lexsort(keys)]


def _key(documents: Documents, place: int) -> tuple[int, ...]:
    return (
        int(documents.session[place]),
        int(documents.occurred_at[place]),
        int(documents.kind[place]),
        int(documents.created_at[place]),
        int(documents.record_high[place]),
        int(documents.record_low[place]),
    )
