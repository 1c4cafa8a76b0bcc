"""Writes of memories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory, StoreMemory
from mneme_common.domain.vocabulary import Kind, reconcile_types
from mneme_gateway.auth.caller import Caller, Scope, scope_of
from mneme_gateway.errors import invalid_field
from mneme_gateway.schemas.memories import MemoryFieldsIn, MemoryIn
from mneme_gateway.schemas.memory_versions import TeachIn
from mneme_gateway.schemas.parts import Owned
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write, expecting

_OWNER = {"tenant_id", "user_id"}
_SAME_NAME = (
    "key", "namespace", "session_id", "subject_id", "author_id", "trust_tier", "initial_confidence", "importance",
    "pinned", "observed_at", "valid_from", "valid_to",
)  # fmt: skip


def store(
    caller: Caller, memory: MemoryIn, batch: Owned | None = None, index: int = 0, *, expected: int | None = None
) -> Write:
    """The write of one memory; raises ApiError 403 when it is not the caller's or holds a secret."""
    tenant_id = memory.tenant_id or (batch.tenant_id if batch else None)
    user_id = memory.user_id or (batch.user_id if batch else None)
    scope = scope_of(caller, tenant_id, user_id)
    fields = _fields(memory, memory.type) | {"source": memory.source}
    return _stored(scope, memory, fields, expected, index)


def teach(caller: Caller, taught: TeachIn, *, expected: int | None = None) -> Write:
    """The write of what is taught on purpose (S1-15)."""
    label = taught.label
    kind = taught.type or (Kind(label) if label in set(Kind) and taught.memory_type is None else None)
    tags = [*taught.tags, *([label] if label is not None else [])]
    fields = _fields(taught, kind) | {"source": "teach", "op": "teach", "tags": tags}
    return _stored(scope_of(caller, taught.tenant_id, taught.user_id), taught, fields, expected)


def delete(scope: Scope, memory_id: UUID, reason: str | None, *, expected: int | None = None) -> Write:
    """The write of one deletion; any version's id ends the whole memory."""
    data = command(DeleteMemory, {"memory_id": memory_id, "reason": reason, "expected_version": expected})
    request = {"memory_id": str(memory_id), "reason": reason} | expecting(expected)
    return Write(scope, "memory.delete", data, request)


def expiry(ttl_days: float | None, expires_at: datetime | None) -> datetime | None:
    """When the lifetime that was asked for is over; raises ApiError 422 past the end of time."""
    if ttl_days is None:
        return expires_at
    try:
        return datetime.now(UTC) + timedelta(days=ttl_days)
    except OverflowError:
        raise invalid_field("ttl_days", "is out of range") from None


def _stored(
    scope: Scope, memory: MemoryFieldsIn, fields: Mapping[str, object], expected: int | None, index: int = 0
) -> Write:
    data = command(StoreMemory, {**fields, "expected_version": expected})
    request = memory.model_dump(mode="json", exclude_unset=True, exclude=_OWNER) | expecting(expected)
    return Write(scope, "memory.store", data, request, index)


def _fields(memory: MemoryFieldsIn, kind: Kind | None) -> dict[str, object]:
    kind, memory_type = reconcile_types(memory.memory_type, kind)
    return {name: getattr(memory, name) for name in _SAME_NAME} | {
        "content": memory.content,
        "kind": kind,
        "memory_type": memory_type,
        "tags": memory.tags,
        "expires_at": expiry(memory.ttl_days, memory.expires_at),
        "extra_metadata": memory.extra_metadata if memory.metadata is None else memory.metadata,
    }
