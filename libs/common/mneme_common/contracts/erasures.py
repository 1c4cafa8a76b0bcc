"""The register of erasures: kept apart from the database, so that a restore of it brings nobody back (guarantee 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mneme_common.contracts.commands import EventData


class SubjectErased(EventData):
    """``subject.erased``: whose memory was erased, by which request, and what was accepted until when is discarded."""

    tenant_id: str
    user_id: str
    request_id: UUID
    erased_at: datetime


class ErasureRegister(Protocol):
    """Holds the last erasure of every user who was ever erased: ids and times, nothing else."""

    @property
    def name(self) -> str:
        """Where it is, for receipts."""

    async def record(self, erasure: SubjectErased) -> None:
        """Returns when it is durable; noting it twice is noting it once. Raises DependencyError."""

    async def erasures(self) -> Sequence[SubjectErased]:
        """The last erasure of each user; raises DependencyError."""


ERASURE_TYPES: dict[str, type[EventData]] = {"subject.erased": SubjectErased}


def latest(erasures: Iterable[SubjectErased]) -> list[SubjectErased]:
    """One erasure a user, the last one, in the order of tenants and users."""
    found: dict[tuple[str, str], SubjectErased] = {}
    for erasure in erasures:
        key = erasure.tenant_id, erasure.user_id
        if key not in found or found[key].erased_at < erasure.erased_at:
            found[key] = erasure
    return [found[key] for key in sorted(found)]
