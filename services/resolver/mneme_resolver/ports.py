"""What the resolver needs of the world."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mneme_common.contracts.changes import Change
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.contracts.erasures import SubjectErased
from mneme_common.domain.failures import DependencyError
from mneme_resolver.decide.event import ResolverEvent
from mneme_resolver.decide.report import Report

Clock = Callable[[], datetime]
"""Now, with a time zone."""


Subject = tuple[str, str]
"""Tenant and user."""


class UnknownKeyError(DependencyError):
    """What is needed was wrapped by a key that this process has not been given: it waits for it and loses nothing."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The key of a data subject as it is stored, and the name of the key that wrapped it (empty: not noted then)."""

    by: str
    key: bytes


class KeyWrapper(Protocol):
    """Keeps the keys of data subjects from being read where they are stored: a master key, or a key service.

    It is asked while heads are locked, so it has to answer within seconds; opened keys are remembered.
    """

    @property
    def name(self) -> str:
        """Which key wraps now."""

    async def wrap(self, keys: Mapping[Subject, bytes]) -> Mapping[Subject, Wrapped]:
        """Each key, so that it can be unwrapped for the same subject alone; raises DependencyError."""

    async def unwrap(self, wrapped: Mapping[Subject, Wrapped]) -> Mapping[Subject, bytes]:
        """The keys again; raises DependencyError, UnknownKeyError when one was wrapped by a key that is not there."""


class RewrappedPage(Protocol):
    """A page of keys that were to be wrapped anew."""

    @property
    def done(self) -> int:
        """How many were."""

    @property
    def unreadable(self) -> int:
        """How many no key opens that is there."""


class Rewrapping(Protocol):
    """Wraps stored keys anew."""

    @property
    def key(self) -> str:
        """The name of the key that wraps."""

    def pages(self) -> AsyncGenerator[RewrappedPage, None]:
        """Each page when it is stored; doing it again begins with what is left."""


class EventStore(Protocol):
    """The ledger and the records behind it."""

    async def apply(self, events: Sequence[ResolverEvent]) -> Sequence[tuple[ResolverEvent, Sequence[Change]]]:
        """Applies what has not been applied, in one transaction; the changes to emit for each event.

        An event that was applied before changes nothing; its changes come again unless they are marked as emitted.
        """

    async def mark_emitted(self, events: Sequence[ResolverEvent]) -> None:
        """Remembers that the changes of these events are on the log."""


class Erasure(Protocol):
    """What an erasure came to."""

    @property
    def position(self) -> int:
        """Its place in the user's ledger."""

    @property
    def erased_at(self) -> datetime:
        """Its transaction time: what was accepted until then is discarded whenever it arrives."""

    @property
    def rows(self) -> Mapping[str, int]:
        """How many rows of each table were deleted."""

    @property
    def indexes(self) -> Sequence[str]:
        """The models whose vectors there were to look into."""


class Erasures(Protocol):
    """Erases data subjects from the database."""

    async def erase(self, tenant_id: str, user_id: str, job_id: UUID, erased_at: datetime | None = None) -> Erasure:
        """Erases at the first call for a job; at later ones what has come late.

        ``erased_at``, when it was erased before the database was restored: until then, not until now, is discarded.
        """


class MissingErasures(Protocol):
    """Tells which of the erasures the database knows nothing of."""

    async def __call__(self, erasures: Sequence[SubjectErased], /) -> Sequence[SubjectErased]:
        """Those of users whom it has never erased, or not since."""


class ChangeEncoder(Protocol):
    """Puts changes into records."""

    def __call__(self, event: ResolverEvent, changes: Sequence[Change]) -> list[OutgoingRecord]:
        """One record a change, in the event's trace."""


class Replays(Protocol):
    """Folds ledgers into empty tables and compares them with the records."""

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a ledger."""

    async def user(self, tenant_id: str, user_id: str, report: Report, /) -> None:
        """One user's ledger."""

    async def tenant(self, tenant_id: str, report: Report, /) -> None:
        """The ledgers of all of a tenant's users."""
