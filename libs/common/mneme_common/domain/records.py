"""Records: one row per version of a message or a memory.

``from_seq`` and ``to_seq`` are positions in the user's ledger; a row is current while ``to_seq`` is None, and was
current at position p when from_seq <= p < to_seq. Field names are the column names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mneme_common.domain.metadata import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One version of something said."""

    tenant_id: str
    user_id: str
    message_id: UUID
    revision: int
    conversation_id: str
    role: str
    name: str | None
    content: str
    metadata: dict[str, JsonValue]
    importance_score: float
    importance_override: float | None
    namespace: str | None
    archived: bool
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime
    event_id: UUID
    from_seq: int
    to_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One version of something known; ``root_id`` names the chain, ``memory_id`` this version.

    ``valid_from`` and ``valid_to`` say when it was true, as far as that is known; ``from_seq`` and ``created_at`` say
    when it was learnt.
    """

    tenant_id: str
    user_id: str
    memory_id: UUID
    root_id: UUID
    version: int
    kind: str
    memory_type: str
    memory_class: str
    schema_version: str
    object_key: str
    key: str | None
    content: str
    values: dict[str, JsonValue]
    content_hash: str
    tags: list[str]
    namespace: str | None
    session_id: str | None
    author_id: str | None
    subject_id: str | None
    trust_tier: str
    initial_confidence: float
    importance: float
    pinned: bool
    expires_at: datetime | None
    status: str
    superseded_by: UUID | None
    source: str
    source_message_ids: list[str] = field(default_factory=list)
    source_memory_ids: list[str] = field(default_factory=list)
    spans: list[dict[str, JsonValue]] = field(default_factory=list)
    extra_metadata: dict[str, JsonValue] = field(default_factory=dict)
    op: str
    reason: str | None
    tombstone: bool
    observed_at: datetime
    created_at: datetime
    event_id: UUID
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    from_seq: int
    to_seq: int | None = None
