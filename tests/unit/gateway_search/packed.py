"""Rows packed as PostgreSQL packs them, so that an index can be filled without one."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.domain.identifiers import point_id

_2000 = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message, or a memory when it has a tier."""

    record_id: UUID
    content: str
    revision: int = 1
    position: int = 1
    session: str = "s"
    role: str = ""
    name: str = ""
    namespace: str = ""
    memory_kind: str = ""
    memory_type: str = ""
    tier: str = ""
    archived: bool = False
    importance: float = 0.5
    confidence: float = 1.0
    occurred_at: datetime = field(default=_2000)
    created_at: datetime = field(default=_2000)
    expires_at: datetime | None = None


def packed_row(
    said: Sequence[Said] = (), closed: Sequence[tuple[UUID, int]] = (), closed_memories: Sequence[UUID] = ()
) -> dict[str, bytes | None]:
    """One page: what is added, and which message revisions and memories are closed."""
    messages = [each for each in said if not each.tier]
    memories = [each for each in said if each.tier]
    return {
        **_packed("message", messages),
        **_packed("memory", memories),
        "closed_message_point": b"".join(point_id(*revision).bytes for revision in closed) or None,
        "closed_memory_point": b"".join(memory_id.bytes for memory_id in closed_memories) or None,
    }


def _packed(prefix: str, said: Sequence[Said]) -> dict[str, bytes | None]:
    columns: dict[str, bytes] = {
        "id": b"".join(each.record_id.bytes for each in said),
        "point": b"".join(point_id(each.record_id, each.revision).bytes for each in said),
        "revision": b"".join(struct.pack(">i", each.revision) for each in said),
        "position": b"".join(struct.pack(">q", each.position) for each in said),
        "archived": b"".join(struct.pack(">?", each.archived) for each in said),
        "importance": b"".join(struct.pack(">d", each.importance) for each in said),
        "confidence": b"".join(struct.pack(">d", each.confidence) for each in said),
        "occurred_at": b"".join(_time(each.occurred_at) for each in said),
        "created_at": b"".join(_time(each.created_at) for each in said),
        "expires_at": b"".join(_time(each.expires_at) for each in said),
        "content": b"".join(hashlib.sha256(each.content.encode()).digest()[:8] for each in said),
        "text": b" \x00 ".join(each.content.encode() for each in said),
    }
    for label in ("role", "name", "session", "namespace", "memory_kind", "memory_type", "tier"):
        columns[label] = b"\x00".join(str(getattr(each, label)).encode() for each in said)
    return {f"{prefix}_{name}": column if said else None for name, column in columns.items()}


def _time(moment: datetime | None) -> bytes:
    if moment is None:
        return struct.pack(">q", _NEVER)
    elapsed = moment - _2000
    return struct.pack(">q", (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds)
