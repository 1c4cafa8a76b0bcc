"""What retention needs of the world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from mneme_common.contracts.chat import ChatAnswer, ChatMessage
from mneme_common.contracts.commands import Usage
from mneme_common.contracts.jobs import Job
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_retention.decide.backfill import Gone, Outdated
from mneme_retention.decide.decay import IdleMemory
from mneme_retention.decide.expiry import ExpiredMemory
from mneme_retention.decide.policy import Policy, StoredMessage
from mneme_retention.decide.reflection import Cluster, Node, ReflectedUser, Reflection
from mneme_retention.decide.reflection_commands import Distilled

Connection = AsyncConnection[DictRow]

Clock = Callable[[], datetime]
"""Now, with a time zone."""


class Database(Protocol):
    """PostgreSQL as the writer role."""

    def transaction(
        self, tenants: Sequence[str] = (), *, operator: bool = False
    ) -> AbstractAsyncContextManager[Connection]:
        """One transaction that sees the named tenants only; ``operator`` adds operator tables of every tenant."""


class Messages(Protocol):
    """What is kept of a tenant's messages, as far as its policy asks."""

    async def policy(self, tenant_id: str) -> Policy:
        """The tenant's policy, made with the defaults when there is none."""

    def to_archive(self, tenant_id: str, policy: Policy, now: datetime) -> AsyncIterator[Sequence[StoredMessage]]:
        """Pages of messages that the policy may want archived: all that it does want, and perhaps others."""

    def to_delete(self, tenant_id: str, policy: Policy, now: datetime) -> AsyncIterator[Sequence[StoredMessage]]:
        """Pages of archived messages that the policy may want deleted."""


class Memories(Protocol):
    """What is kept of a tenant's memories."""

    def expired(self, tenant_id: str, now: datetime) -> AsyncIterator[Sequence[ExpiredMemory]]:
        """Pages of live memories whose time to live is over."""

    def idle(self, tenant_id: str, needed_before: datetime) -> AsyncIterator[Sequence[IdleMemory]]:
        """Pages of live memories that nobody pinned and that were neither written nor returned since."""


class Reflections(Protocol):
    """Memories as reflection reads them."""

    async def users(self, tenant_id: str, user_id: str | None) -> Sequence[ReflectedUser]:
        """The tenant's users, or the one who is named, as far as anything was ever written for them."""

    async def load(self, tenant_id: str, user_id: str) -> tuple[Sequence[Node], Sequence[Reflection]]:
        """The newest live memories that are material, and the live reflections."""

    async def reflected(self, tenant_id: str, user_id: str, now: datetime) -> None:
        """Notes that what is known so far has been reflected on."""


class Backfills(Protocol):
    """How far memories have been brought up to date with a schema."""

    async def begin(self, tenant_id: str, version: int, job_id: UUID) -> str | None:
        """The last user who is done, "" for none; None when this job has nothing to do for the version any more."""

    async def advance(self, tenant_id: str, version: int, job_id: UUID, user_id: str, gone: Gone) -> bool:
        """The user is done; False when another version is active by now."""

    async def finish(self, tenant_id: str, version: int, job_id: UUID) -> dict[str, int] | None:
        """Everybody is done: the counts; None when another version is active by now."""


class OutdatedMemories(Protocol):
    """Memories of another version of their class than the active schema has."""

    async def users(self, tenant_id: str, version: int, after: str) -> Sequence[str]:
        """A page of those users after that one who have any, in order."""

    async def outdated(self, tenant_id: str, user_id: str, version: int) -> Outdated | None:
        """A page of such memories; none when the version is not the active one."""


class Distiller(Protocol):
    """Says in fewer words what the memories of a cluster say."""

    async def __call__(self, tenant_id: str, user_id: str, cluster: Cluster, /) -> Distilled | None:
        """The text; None when there is none that is shorter and still says everything."""


class ChatModel(Protocol):
    """A language model that answers in words."""

    @property
    def model(self) -> str:
        """Its name."""

    async def ask(self, tenant_id: str, question: Callable[[Capabilities], list[ChatMessage]], /) -> ChatAnswer:
        """The answer; raises PostponedError while it cannot be asked, PermanentError when it refuses for good."""


class Account(Protocol):
    """What tenants may spend on models."""

    async def require(self, subject: Subject) -> None:
        """Raises OverBudgetError when the tenant's tokens are spent."""

    async def spend(self, subject: Subject, model: str, usage: Usage) -> None:
        """Books what an answer cost, of use or not."""


class Ledger(Protocol):
    """What the resolver made of commands."""

    async def outcomes(self, tenant_id: str, events: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The outcomes of those of the events that have one by now."""


class JobBook(Protocol):
    """The table of jobs, as the schedule uses it."""

    async def add(self, jobs: Sequence[Job]) -> None:
        """Adds those of the jobs that are not there yet."""

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a ledger."""

    async def tenants_with_expired_memories(self, now: datetime) -> Sequence[str]:
        """Those with memories to expire, and no open job that does it."""

    async def forget_finished(self, before: datetime) -> None:
        """Removes jobs that were over by then."""
