"""Who spoke before and after whom: the order of a user's records within their sessions, kept while they grow."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from mneme_gateway.decide.ranking import Places
from mneme_gateway.decide.ranking_conversation import BEFORE_FIRST, BEFORE_MEMORIES, BEHIND_EPISODE, Conversation
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
        episode = _episodes(documents, order)
        is_memory = documents.kind[order] == MEMORY
        slots, begins, size = _slots(episode, is_memory)
        slot = np.full(len(documents), size - 1)
        slot[order] = slots
        taken, message, opens = (np.zeros(size, dtype=np.bool_) for _ in range(3))
        taken[slots], message[slots] = True, ~is_memory
        memories, sources = slots[is_memory], np.append(slots, size - 1)[_sources(is_memory, episode)[is_memory]]
        opens[begins] = message[begins]
        opens[memories] = opens[sources] | (sources == size - 1)
        episodes = np.zeros(size, dtype=np.intp)
        episodes[slots] = episode
        return Conversation(slot, taken, message, opens, episodes, begins, memories, sources)

    @property
    def nbytes(self) -> int:
        """Bytes of the order."""
        return self._places.nbytes


def _episodes(documents: Documents, order: Places) -> Places:
    """Numbered from 0 in the order given."""
    session, moment = documents.session[order], documents.occurred_at[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (session[1:] != session[:-1]) | (moment[1:] - moment[:-1] > _PAUSE)
    numbers: Places = np.cumsum(begins) - 1
    return numbers


def _slots(episode: Places, is_memory: Flags) -> tuple[Places, Places, int]:
    """The slot of each entry, the slot with which each episode begins, and how many slots there are."""
    counts, memories = np.bincount(episode), np.bincount(episode, is_memory).astype(np.intp)
    spans = counts + BEFORE_MEMORIES * (memories > 0) + BEHIND_EPISODE
    begins = BEFORE_FIRST + np.cumsum(spans) - spans
    # Episodes stay where they are; within each the messages come first.
    ranked = np.lexsort((is_memory, episode)) if memories.any() else np.arange(len(episode))
    within = np.arange(len(episode)) - (np.cumsum(counts) - counts)[episode]
    slots = np.empty(len(episode), dtype=np.intp)
    slots[ranked] = begins[episode] + within + BEFORE_MEMORIES * is_memory[ranked]
    return slots, begins if len(begins) else np.zeros(1, dtype=np.intp), BEFORE_FIRST + int(spans.sum()) + 1


def _sources(is_memory: Flags, episode: Places) -> Places:
    """For each memory the entry of the last message of its episode up to its moment; -1 for all else."""
    rank = np.maximum.accumulate(np.where(is_memory, -1, np.arange(len(episode))))
    together = is_memory & (rank >= 0)
    together[together] = episode[rank[together]] == episode[together]
    return np.where(together, rank, -1)


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
