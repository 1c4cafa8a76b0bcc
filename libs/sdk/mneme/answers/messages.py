"""Messages, conversations, and what became of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.decoding import Answer, wire_name
from mneme.errors import PartlyRefusedError


@dataclass(frozen=True, kw_only=True)
class Message(Answer):
    """What was said. ``position`` is the place in the user's ledger of what the answer shows."""

    id: str
    role: str
    content: str
    conversation_id: str = ""
    tenant_id: str = ""
    user_id: str = ""
    name: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    importance_score: float | None = None
    importance_override: float | None = None
    embedding_status: str = "pending"
    namespace: str | None = None
    archived: bool = False
    revision: int = 1
    occurred_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    position: int | None = None
    memory_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Refused(Answer):
    """One item of a batch that was refused; ``index`` is its place in the request."""

    index: int = wire_name("message_index")
    error: str
    code: str = "REFUSED"
    status: int = 422
    message_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemPending(Answer):
    """One item of a batch that is durable, and whose outcome is not known yet."""

    index: int = wire_name("message_index")
    operation_id: str
    operation_url: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchResult(Answer):
    """What became of each message of a batch. Items that were refused are in ``errors``, never dropped silently."""

    created: tuple[Message, ...] = ()
    updated: tuple[Message, ...] = ()
    deleted: tuple[str, ...] = ()
    errors: tuple[Refused, ...] = ()
    pending: tuple[ItemPending, ...] = ()
    position: int | None = None

    @property
    def total(self) -> int:
        """How many items the batch had."""
        return len(self.created) + len(self.updated) + len(self.deleted) + len(self.errors) + len(self.pending)

    @property
    def results(self) -> tuple[Message, ...]:
        """The messages that were written."""
        return self.created + self.updated

    def __iter__(self) -> Iterator[Message]:
        return iter(self.results)

    def raise_for_errors(self) -> BatchResult:
        """This result; raises PartlyRefusedError when an item was refused."""
        if self.errors:
            raise PartlyRefusedError(self)
        return self


@dataclass(frozen=True, kw_only=True)
class Conversation(Answer):
    """A conversation of one user; it is archived when all of its messages are."""

    conversation_id: str
    title: str | None = None
    message_count: int = 0
    created_at: datetime | None = None
    last_message_at: datetime | None = None
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class ConversationPage(Answer):
    """Conversations, latest first; ``total`` counts those of all pages."""

    conversations: tuple[Conversation, ...] = ()
    total: int = 0
    page: int = 1
    page_size: int = 20

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self.conversations)


@dataclass(frozen=True, kw_only=True)
class MessagePage(Answer):
    """Messages in the order in which they were said."""

    conversation_id: str
    messages: tuple[Message, ...] = ()
    next_cursor: str | None = None

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)
