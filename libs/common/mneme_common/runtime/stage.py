"""What a stage of the pipeline is to the worker loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from mneme_common.contracts.dead_letters import Record
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.domain.failures import DependencyError, PermanentError

__all__ = [
    "Applied",
    "Checkpoint",
    "DependencyError",
    "PermanentError",
    "Record",
    "Rejected",
    "Stage",
    "Step",
    "ignore",
]

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Rejected(Generic[E]):
    """An event that will never succeed, although its neighbours did; it is buried with this reason."""

    event: E
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Applied(Generic[E]):
    """What came of a batch: records to emit, and events to bury."""

    outgoing: Sequence[OutgoingRecord] = ()
    rejected: Sequence[Rejected[E]] = ()


class Stage(Protocol[E]):
    """Decodes and applies. ``apply`` commits its effects before it returns, and applying twice changes nothing."""

    @property
    def name(self) -> str:
        """The stage's name: its consumer group, its label in metrics and dead letters."""

    def decode(self, record: Record) -> E | None:
        """The event in a record, None when this stage has no use for it; raises InvalidEventError."""

    async def apply(self, events: Sequence[E]) -> Applied[E]:
        """Effects of the events, in their order; raises DependencyError when something needed is away."""

    async def mark_emitted(self, events: Sequence[E]) -> None:
        """Remembers that what ``apply`` returned has been acknowledged by the broker."""


class Step(StrEnum):
    """The points between which a worker may be killed without harm."""

    APPLIED = "applied"
    COMMITTED = "committed"
    EMITTED = "emitted"
    MARKED = "marked"
    OFFSETS_COMMITTED = "offsets_committed"


Checkpoint = Callable[[Step], Awaitable[None]]
"""Called at every step; tests kill the process there."""


async def ignore(step: Step) -> None:
    """The checkpoint of production: nothing happens."""
