"""Kill switches: where nothing is merged, and when updates have gone wrong often enough to stop them (S1-50)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mneme_common.contracts.commands import ReviseMemory, UndoMemory, UndoOperation
from mneme_resolver.decide.applied import AppliedEvent
from mneme_resolver.decide.state import UserState

EVERY_CLASS = "*"
_BY_EXTRACTOR = "extractor/"


@dataclass(frozen=True, slots=True)
class Switches:
    """The classes of a tenant in which nothing is merged, and the version of that setting."""

    classes: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class SpikeLimits:
    """Updates of a class stop when so many of a day's were taken back, and so large a share of them."""

    least: int = 5
    share: float = 0.05

    def exceeded(self, updated: int, false_updates: int) -> bool:
        """Whether a day's updates went wrong too often."""
        return false_updates >= self.least and false_updates > self.share * updated


def taken_back(
    applied: Iterable[AppliedEvent], states: Mapping[tuple[str, str], UserState]
) -> frozenset[tuple[str, str]]:
    """Tenant and class of the updates by an extractor that these events undid or corrected."""
    found: set[tuple[str, str]] = set()
    for item in applied:
        data = item.event.data
        takes_back = isinstance(data, (UndoMemory, UndoOperation)) or (
            isinstance(data, ReviseMemory) and data.op == "correct"
        )
        for closed in item.effects.closed_memories if takes_back else ():
            version = states[item.event.subject].version(closed.memory_id)
            if version.op == "version" and version.source.startswith(_BY_EXTRACTOR):
                found.add((item.event.tenant_id, version.memory_class))
    return frozenset(found)
