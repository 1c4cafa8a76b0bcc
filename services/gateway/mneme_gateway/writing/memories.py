"""Writes of memories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory, StoreMemory
from mneme_common.domain.vocabulary import reconcile_types
from mneme_gateway.auth.caller import Caller, Scope, scope_of
from mneme_gateway.errors import invalid_field
from mneme_gateway.schemas.memories import MemoryIn
from mneme_gateway.schemas.parts import Owned
from mneme_gateway.writing.commands import command, scrubbed
from mneme_gateway.writing.events import Write

_OWNER = {"tenant_id", "user_id"}
_SAME_NAME = (
    "key", "tags", "namespace", "session_id", "subject_id", "author_id", "trust_tier", "initial_confidence",
    "importance", "pinned", "observed_at", "source",
)  # fmt: skip


def store(caller: Caller, memory: MemoryIn, batch: Owned | None = None, index: int = 0) -> Write:
    """The write of one memory; raises ApiError 403 when it is not the caller's or holds a secret."""
    tenant_id = memory.tenant_id or (batch.tenant_id if batch else None)
    user_id = memory.user_id or (batch.user_id if batch else None)
    kind, memory_type = reconcile_types(memory.memory_type, memory.type)
    fields = {name: getattr(memory, name) for name in _SAME_NAME} | {
        "content": scrubbed(memory.content),
        "kind": kind,
        "memory_type": memory_type,
        "expires_at": _expiry(memory),
        "extra_metadata": memory.extra_metadata if memory.metadata is None else memory.metadata,
    }
    request = memory.model_dump(mode="json", exclude_unset=True, exclude=_OWNER)
    scope = scope_of(caller, tenant_id, user_id)
    return Write(scope, "memory.store", command(StoreMemory, fields), request, index)


def delete(scope: Scope, memory_id: UUID, reason: str | None) -> Write:
    """The write of one deletion; any version's id ends the whole memory."""
    data = DeleteMemory(memory_id=memory_id, reason=reason)
    return Write(scope, "memory.delete", data, {"memory_id": str(memory_id), "reason": reason})


def _expiry(memory: MemoryIn) -> datetime | None:
    if memory.ttl_days is None:
        return memory.expires_at
    try:
        return datetime.now(UTC) + timedelta(days=memory.ttl_days)
    except OverflowError:
        raise invalid_field("ttl_days", "is out of range") from None
