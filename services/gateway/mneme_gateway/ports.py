"""What the gateway needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, LiteralString, Protocol

from aiokafka import AIOKafkaProducer
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.datastructures import Headers as RequestHeaders

from mneme_common.contracts.broker import Broker
from mneme_common.contracts.chat import ChatAnswer, ChatMessage
from mneme_common.contracts.commands import Usage
from mneme_common.contracts.dead_letters import Headers
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_common.domain.model_capabilities import Capabilities
from mneme_common.domain.subject import Subject
from mneme_gateway.auth.caller import Caller
from mneme_gateway.writing.events import Event

Connection = AsyncConnection[DictRow]
Row = Mapping[str, Any]


class Database(Protocol):
    """PostgreSQL as the reader role."""

    def transaction(
        self, tenants: Sequence[str] = (), *, operator: bool = False
    ) -> AbstractAsyncContextManager[Connection]:
        """One transaction that sees the named tenants only; ``operator`` adds operator tables of every tenant."""

    async def call(self, function: LiteralString, parameters: Sequence[object]) -> list[DictRow]:
        """The rows of a function that names its tenants itself, in one round trip."""


class Clients(Protocol):
    """Producers for the log."""

    def producer(self, broker: Broker, *, linger_ms: int = 0) -> AIOKafkaProducer:
        """A producer that waits for all replicas."""

    async def produce(self, producer: AIOKafkaProducer, records: Sequence[OutgoingRecord]) -> None:
        """Produces in order and waits for the acknowledgements; raises DependencyError."""


OpenSeal = Callable[[bytes | None, bytes | None, Headers], tuple[bytes | None, Headers]]
"""Key, value and headers of a letter → value and headers as they were; raises ValueError for another key's seal."""


class Publisher(Protocol):
    """Puts events on the log."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when the events are durable; raises ApiError 503 when they are not, or when that is not known."""


class Redriver(Protocol):
    """Puts records back on the log that are kept elsewhere meanwhile."""

    async def redrive(self, records: Sequence[OutgoingRecord]) -> None:
        """Returns when the records are on the log; raises ApiError 503 when they are not."""


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


class LivePublisher(Publisher, Redriver, Protocol):
    """A publisher that follows a log."""

    @property
    def publishing(self) -> bool:
        """Whether events reach the log now."""


class Authenticator(Protocol):
    """Finds out who is calling."""

    async def identify(self, headers: RequestHeaders) -> Caller:
        """The caller; raises ApiError 401."""
