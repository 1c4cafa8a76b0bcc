"""Conversation around a record: windows of neighbouring turns and episodes, derived from what is live right now.

Nothing of it is stored: a turn that is deleted, changed or not yet said at a past position is in no window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mneme_gateway.decide.ranking import Floats, Mask, Places

BEFORE_FIRST = 1
BEHIND_EPISODE = 2
BEFORE_MEMORIES = 1
"""Empty slots, so many that nobody's window reaches into another episode, or from a message to a memory."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The live documents as they follow each other: one slot each, episode by episode, messages before memories.

    Empty slots stand between those who are no neighbours, so that a window is what the slots beside it hold. The
    last slot is nobody's: it stands for every document that is not live, and is always empty.
    """

    slot: Places
    """One entry a document."""
    is_taken: Mask
    is_message: Mask
    opens: Mask
    """Marks what no message goes before: the first of each episode, what goes back to it, memories without one."""
    episode: Places
    """These four have one entry a slot; ``episode`` numbers the episodes from 0."""
    begins: Places
    """The slot with which each episode begins; a conversation without any has a single one."""
    memories: Places
    sources: Places
    """The slots of memories, and of the messages that they go back to: the last slot where there is none."""

    def __len__(self) -> int:
        return len(self.is_taken)

    def row(self, slots: Places, values: Floats) -> Floats:
        """One entry a slot, 0 where none is given."""
        row = np.zeros(len(self))
        row[slots] = values
        row[-1] = 0.0
        return row

    def windows(self, row: Floats) -> Floats:
        """Sums over the two turns before, the turn itself, and the one after.

        A memory is heard in the window of its source, besides itself.
        """
        summed = row.copy()
        summed[1:] += row[:-1]
        summed[2:] += row[:-2]
        summed[:-1] += row[1:]
        if len(self.memories):
            summed[self.memories] = row[self.memories] + summed[self.sources]
        summed *= self.is_taken
        return summed

    def per_episode(self, row: Floats) -> Floats:
        """The sum over each episode."""
        summed: Floats = np.add.reduceat(row, self.begins)
        return summed
