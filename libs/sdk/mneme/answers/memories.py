"""Memories and their versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme.answers.messages import ItemPending, Refused
from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class Memory(Answer):
    """One version of a memory: ``memory_id`` names the version, ``root_id`` the memory in all its versions.

    ``memory_class`` and ``values`` are what was understood, ``source_message_ids`` and ``spans`` what it is drawn from;
    ``op`` and ``reason`` say how the version came about, ``operation_id`` leads to the decision behind it, ``action``
    says what storing it did.
    """

    memory_id: str
    content: str
    root_id: str = ""
    version: int = 1
    tenant_id: str = ""
    user_id: str = ""
    memory_type: str = "semantic"
    type: str | None = None
    memory_class: str | None = None
    schema_version: str | None = None
    key: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    session_id: str | None = None
    subject_id: str | None = None
    author_id: str | None = None
    trust_tier: str | None = None
    initial_confidence: float | None = None
    importance: float | None = None
    pinned: bool = False
    is_active: bool = True
    status: str = "active"
    superseded_by: str | None = None
    source: str | None = None
    source_message_ids: tuple[str, ...] = ()
    source_memory_ids: tuple[str, ...] = ()
    spans: tuple[Mapping[str, object], ...] = ()
    extra_metadata: Mapping[str, object] | None = None
    op: str = ""
    reason: str | None = None
    tombstone: bool = False
    operation_id: str | None = None
    observed_at: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    access_count: int | None = None
    last_accessed_at: datetime | None = None
    retrieval_score: float | None = None
    position: int | None = None
    action: str | None = None

    @property
    def id(self) -> str:
        """Another name of ``memory_id``."""
        return self.memory_id

    @property
    def memory(self) -> str:
        """Another name of ``content``."""
        return self.content


@dataclass(frozen=True, kw_only=True)
class MemoryPage(Answer):
    """Active memories, latest first."""

    items: tuple[Memory, ...] = ()
    next_cursor: str | None = None

    @property
    def results(self) -> tuple[Memory, ...]:
        """Another name of ``items``."""
        return self.items

    def __iter__(self) -> Iterator[Memory]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, kw_only=True)
class MemoryBatch(Answer):
    """What became of each memory of a batch."""

    created: tuple[Memory, ...] = ()
    errors: tuple[Refused, ...] = ()
    pending: tuple[ItemPending, ...] = ()

    @property
    def total(self) -> int:
        """How many items the batch had."""
        return len(self.created) + len(self.errors) + len(self.pending)

    def __iter__(self) -> Iterator[Memory]:
        return iter(self.created)


@dataclass(frozen=True, kw_only=True)
class History(Answer):
    """All versions of one memory, the first first; a memory that was forgotten ends with a tombstone."""

    memory_id: str
    root_id: str = ""
    versions: tuple[Memory, ...] = ()
    total: int = 0

    def __iter__(self) -> Iterator[Memory]:
        return iter(self.versions)

    def __len__(self) -> int:
        return len(self.versions)


@dataclass(frozen=True, kw_only=True)
class Corrected(Memory):
    """The version that says it right: ``replaced_id`` is the one before, ``matched_memory_id`` what a query meant."""

    replaced_id: str | None = None
    matched_memory_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tombstone(Answer):
    """The end of a memory: the id that was asked for, the memory, and the version that ends it."""

    memory_id: str
    root_id: str
    tombstone_id: str


@dataclass(frozen=True, kw_only=True)
class Forgotten(Answer):
    """What became of the memories that were to be forgotten."""

    forgotten: tuple[Tombstone, ...] = ()
    matched_memory_id: str | None = None
    errors: tuple[Refused, ...] = ()
    pending: tuple[ItemPending, ...] = ()

    def __iter__(self) -> Iterator[Tombstone]:
        return iter(self.forgotten)
