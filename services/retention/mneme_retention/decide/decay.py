"""Decay: what is of little importance and has not been needed for long fades out of memory (S1-13, S1-22).

strength = importance * exp(-idle days / H), H by the trust tier of the memory (S4-11): 365, 180, 60, 30 days. Idle is
the time since it was written or, where that is later, last returned by a search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mneme_common.domain.vocabulary import CONFIDENCE_DECAY_DAYS, TrustTier

YOUNG = timedelta(hours=24)
"""A memory that was written or needed since is left alone, whatever its importance."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IdleMemory:
    """A live memory, and when it was last written or returned by a search."""

    user_id: str
    memory_id: UUID
    importance: float
    trust_tier: str
    pinned: bool
    needed_at: datetime


def strength(memory: IdleMemory, now: datetime) -> float:
    """What is left of its importance, 0..1."""
    idle_days = max(0.0, (now - memory.needed_at) / _DAY)
    return memory.importance * math.exp(-idle_days / CONFIDENCE_DECAY_DAYS[TrustTier(memory.trust_tier)])


def wants_faded(memory: IdleMemory, below: float, now: datetime) -> bool:
    """Not pinned, not young, and weaker than asked for."""
    return not memory.pinned and memory.needed_at <= now - YOUNG and strength(memory, now) < below
