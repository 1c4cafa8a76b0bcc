"""What a replay found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from mneme_common.domain.metadata import JsonValue

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the ledger makes of it: ``missing``, ``unexpected``, ``different``, or why it is unknown.

    ``table`` is messages, memories, extractions or ledger; ``id`` names the row by its key, never by its content.
    """

    tenant_id: str
    user_id: str
    table: str
    id: str
    difference: str


@dataclass(frozen=True, slots=True)
class Redecision:
    """A choice that today's code would make otherwise."""

    tenant_id: str
    user_id: str
    event_id: str
    position: int
    item: int
    recorded: str
    today: str


@dataclass(slots=True)
class Report:
    """Counts, and the first twenty of everything that differs."""

    redecides: bool = False
    users: int = 0
    erased: int = 0
    events: int = 0
    rows: int = 0
    found: int = 0
    redecided: int = 0
    differences: list[Difference] = field(default_factory=list)
    redecisions: list[Redecision] = field(default_factory=list)

    def differ(self, differences: Iterable[Difference]) -> None:
        """Takes in differences."""
        for difference in differences:
            self.found += 1
            if len(self.differences) < SHOWN:
                self.differences.append(difference)

    def redecide(self, redecisions: Iterable[Redecision]) -> None:
        """Takes in choices that have changed."""
        for redecision in redecisions:
            self.redecided += 1
            if len(self.redecisions) < SHOWN:
                self.redecisions.append(redecision)

    def as_result(self) -> dict[str, JsonValue]:
        """The result of the job."""
        result: dict[str, JsonValue] = {
            "equal": self.found == 0,
            "users": self.users,
            "erased_users": self.erased,
            "events": self.events,
            "rows": self.rows,
            "different_rows": self.found,
            "differences": [asdict(difference) for difference in self.differences],
        }
        if self.redecides:
            result["decided_otherwise"] = self.redecided
            result["decisions"] = [asdict(redecision) for redecision in self.redecisions]
        return result
