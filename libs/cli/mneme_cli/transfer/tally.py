"""What has become of the turns so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mneme_cli.sources.turns import Turn


@dataclass(frozen=True, slots=True)
class Refusal:
    """A turn that was not taken, and why."""

    place: str
    reason: str


@dataclass(slots=True)
class Tally:
    """Counts of turns: ``recorded`` are new, ``present`` were there before, ``accepted`` durable and on their way."""

    total: int = 0
    recorded: int = 0
    present: int = 0
    accepted: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Turns whose fate is known."""
        return self.recorded + self.present + self.accepted + len(self.refused)

    def refuse(self, turn: Turn, reason: str) -> None:
        """Counts a turn that the server does not take."""
        self.refused.append(Refusal(turn.place, reason))

    def skip(self, turns: Sequence[Turn]) -> None:
        """Counts turns that an earlier run has sent."""
        self.present += len(turns)
