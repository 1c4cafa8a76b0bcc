"""Writes that change a memory which is known already, by its id or by what was found for a query."""

from __future__ import annotations

from uuid import UUID

from mneme_common.contracts.commands import DeleteMemory, JsonObject, ReviseMemory
from mneme_common.domain.vocabulary import reconcile_types
from mneme_gateway.auth.caller import Scope
from mneme_gateway.schemas.memory_versions import CorrectionIn, ForgetIn, VersionIn
from mneme_gateway.search.matching import Match
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write, expecting
from mneme_gateway.writing.memories import expiry

_OWNER = {"tenant_id", "user_id"}
_SAME_NAME = (
    "values", "tags", "trust_tier", "initial_confidence", "importance", "pinned", "observed_at", "valid_from",
    "valid_to", "source", "cleared",
)  # fmt: skip


def append(scope: Scope, memory_id: UUID, change: VersionIn, *, expected: int | None) -> Write:
    """The write of a new version (S1-18)."""
    fields = {name: getattr(change, name) for name in _SAME_NAME} | {
        "memory_id": memory_id,
        "content": change.content,
        "reason": change.reason,
        "expires_at": expiry(change.ttl_days, change.expires_at),
        "extra_metadata": change.extra_metadata if change.metadata is None else change.metadata,
        "expected_version": expected,
    }
    if change.type is not None or change.memory_type is not None:
        fields["kind"], fields["memory_type"] = reconcile_types(change.memory_type, change.type)
    return Write(scope, "memory.revise", command(ReviseMemory, fields), _request(change, memory_id, expected))


def correct(scope: Scope, target: UUID | Match | None, correction: CorrectionIn, *, expected: int | None) -> Write:
    """The write of a correction (S1-16, S4-17, S4-18); of a match the version that was found is corrected."""
    memory_id, version = _target(target, expected)
    fields = {
        "memory_id": memory_id,
        "op": "correct",
        "content": correction.new_content,
        "source": "correct",
        "reason": correction.reason,
        "expected_version": version,
    }
    named = memory_id if isinstance(target, UUID) else None
    return Write(scope, "memory.revise", command(ReviseMemory, fields), _request(correction, named, expected))


def forget(
    scope: Scope, target: UUID | Match | None, asked: ForgetIn, *, expected: int | None = None, index: int = 0
) -> Write:
    """The write of a tombstone (S1-17)."""
    memory_id, version = _target(target, expected)
    fields = {"memory_id": memory_id, "op": "forget", "reason": asked.reason, "expected_version": version}
    data = command(DeleteMemory, fields)
    named = memory_id if isinstance(target, UUID) else None
    request: JsonObject = {"memory_id": named and str(named), "query": asked.query, "reason": asked.reason}
    return Write(scope, "memory.delete", data, request | expecting(expected), index)


def _target(target: UUID | Match | None, expected: int | None) -> tuple[UUID | None, int | None]:
    if isinstance(target, Match):
        return target.memory_id, expected or target.version
    return target, expected


def _request(body: VersionIn | CorrectionIn, memory_id: UUID | None, expected: int | None) -> JsonObject:
    """What was asked; a match is an answer to it, so that a retry which finds another one is the same request."""
    said = body.model_dump(mode="json", exclude_unset=True, exclude=_OWNER)
    return said | {"memory_id": memory_id and str(memory_id)} | expecting(expected)
