"""An event as the resolver applies it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mneme_common.contracts.commands import EventData
from mneme_common.domain.memory_schema import ActiveSchema
from mneme_resolver.decide.decision import Privacy


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event is not applied: an outcome with a status, not a failure."""

    status: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverEvent:
    """One command or turn. ``refusal`` is set when reading it already showed that it may not be applied.

    ``privacy`` says how it was scrubbed here; None for what had been scrubbed before, and in a replay. ``schema`` is
    what the tenant's own classes are: those in force when it is applied, in a replay those that were in force then.
    """

    event_id: UUID
    tenant_id: str
    user_id: str
    type: str
    version: int
    source: str
    request_hash: str
    data: EventData
    traceparent: str | None = None
    refusal: Refusal | None = None
    privacy: Privacy | None = None
    accepted_at: datetime | None = None
    schema: ActiveSchema | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Tenant and user: the unit of order."""
        return self.tenant_id, self.user_id
