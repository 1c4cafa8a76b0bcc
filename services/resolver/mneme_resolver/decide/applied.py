"""An event with everything that became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mneme_resolver.decide.decision import Decision
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.event import ResolverEvent


@dataclass(frozen=True, slots=True)
class AppliedEvent:
    """``seq`` and ``time`` are its place in the user's ledger and its transaction time."""

    event: ResolverEvent
    seq: int
    time: datetime
    decision: Decision
    effects: Effects
