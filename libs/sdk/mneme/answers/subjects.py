"""What data subjects are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class SubjectRequest(Answer):
    """An erasure or rectification: queued, running, done (with the receipt) or failed.

    The receipt names every store, or every record that was to be rectified.
    """

    id: str
    kind: str
    status: str
    tenant_id: str
    user_id: str
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    receipt: Mapping[str, object] | None = None
    error: str | None = None

    @property
    def is_finished(self) -> bool:
        """True once it is done or failed."""
        return self.status in ("done", "failed")


@dataclass(frozen=True, kw_only=True)
class SubjectExport(Answer):
    """Everything that is kept of a user at ``position``; the records are in ``raw``."""

    tenant_id: str
    user_id: str
    position: int
    exported_at: datetime | None = None
