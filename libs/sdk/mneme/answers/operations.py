"""The outcome of a write, and why it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Operation(Answer):
    """A write. ``status`` is pending, applied, refused or buried; ``decision`` says what was compared and chosen."""

    operation_id: str
    status: str
    type: str | None = None
    outcome: Mapping[str, object] | None = None
    decision: Mapping[str, object] | None = None
    position: int | None = None
    applied_at: datetime | None = None
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_pending(self) -> bool:
        """True while the outcome is not known."""
        return self.status == "pending"
