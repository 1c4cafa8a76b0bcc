"""Whole classes of memories, kept from a user's batch to his next one, so that neither reads them all again.

A state is lent only to a batch that finds the user's head where the state left it: whatever has been written since,
here or by another resolver, moves the head (guarantee 3). A batch that fails gives nothing back.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from mneme_resolver.decide.state import UserState

Subject = tuple[str, str]

_MEMORIES_MOST = 80_000
"""Of all users together; some 300 MB."""

_SECONDS = 30.0
"""Without a batch of the user; what is kept are the words of people, some of whom ask to be forgotten."""


@dataclass(slots=True)
class HeldStates:
    """One for the life of the process."""

    most: int = _MEMORIES_MOST
    seconds: float = _SECONDS
    _states: OrderedDict[Subject, UserState] = field(default_factory=OrderedDict)
    _timers: dict[Subject, asyncio.TimerHandle] = field(default_factory=dict)
    _memories: int = 0

    def lend(self, states: Iterable[UserState]) -> None:
        """Gives each state what is held of its user, as far as it is up to date; nothing of it is held any more."""
        for state in states:
            held = self._drop((state.tenant_id, state.user_id))
            if held is not None and held.head_seq == state.head_seq:
                state.inherit(held)

    def keep(self, states: Iterable[UserState]) -> None:
        """Takes in what committed states leave, and lets go of what was used least recently."""
        for state in states:
            kept = state.kept_for_later()
            if kept is not None and len(kept.memories) <= self.most:
                self._hold((state.tenant_id, state.user_id), kept)
        while self._memories > self.most:
            self._drop(next(iter(self._states)))

    def _hold(self, subject: Subject, state: UserState) -> None:
        self._drop(subject)
        self._states[subject] = state
        self._memories += len(state.memories)
        self._timers[subject] = asyncio.get_running_loop().call_later(self.seconds, self._drop, subject)

    def _drop(self, subject: Subject) -> UserState | None:
        state = self._states.pop(subject, None)
        if state is None:
            return None
        self._timers.pop(subject).cancel()
        self._memories -= len(state.memories)
        return state
