"""Conversation around a record: windows of neighbouring turns and episodes, derived from what is live right now.

Nothing of it is stored: a turn that is deleted, changed or not yet said at a past position is in no window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Floats, Mask, Places


@dataclass(frozen=True, slots=True)
class Conversation:
    """One entry a document. ``before`` and ``after`` are the neighbouring messages of the episode, -1 for none.

    ``source`` is the message that a memory goes back to, -1 for none and for messages. ``opens`` marks what no
    message goes before: the first of each episode, what goes back to it, and memories without a message. ``episode``
    numbers the episodes from 0. Of documents that are not live neither means anything.
    """

    before: Places
    after: Places
    source: Places
    opens: Mask
    episode: Places
    episodes: int

    def windows(self, rows: Floats) -> Floats:
        """Sums along the last axis over the two turns before, the turn itself, and the one after.

        A memory is heard in the window of its source, besides itself.
        """
        padded = np.concatenate([rows, np.zeros((*rows.shape[:-1], 1))], axis=-1)
        twice_before = np.where(self.before >= 0, self.before[self.before], -1)
        summed: Floats = rows + padded[..., self.before] + padded[..., twice_before] + padded[..., self.after]
        told = np.flatnonzero(self.source >= 0)
        summed[..., told] += summed[..., self.source[told]]
        return summed

    def per_episode(self, rows: Floats) -> Floats:
        """The sums of each row over each episode: (rows, documents) become (rows, episodes)."""
        count = max(self.episodes, 1)
        summed = np.zeros((len(rows), count))
        for number, row in enumerate(rows):
            summed[number] = np.bincount(self.episode, row, minlength=count)
        return summed
