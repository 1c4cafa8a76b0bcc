"""Where the log is now: the value, and the port through which it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

KAFKA_INCARNATION = "kafka"


@dataclass(frozen=True, slots=True)
class Broker:
    """One incarnation of the log; ``accepting`` is False while it is drained before its replacement."""

    bootstrap: str
    incarnation: str
    accepting: bool = True
    embedded: bool = False

    def group(self, stage: str) -> str:
        """The consumer group of a stage on this incarnation."""
        return f"{stage}.{self.incarnation}" if self.embedded else stage


class BrokerDirectory(Protocol):
    """Finds the log."""

    async def current(self) -> Broker | None:
        """The log to use now, None while there is none."""

    async def changed(self, known: Broker | None, within: float) -> bool:
        """Waits until ``current`` differs from what is known; False when it did not within so many seconds."""
