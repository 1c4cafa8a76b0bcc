"""Writes of records."""

from __future__ import annotations

from mneme_common.contracts.record_commands import StoreRecord
from mneme_gateway.auth.caller import Caller, scope_of
from mneme_gateway.schemas.records import RecordIn
from mneme_gateway.writing.commands import command
from mneme_gateway.writing.events import Write, expecting
from mneme_gateway.writing.memories import expiry

_OWNER = {"tenant_id", "user_id"}


def store(caller: Caller, record: RecordIn, *, expected: int | None = None) -> Write:
    """The write of one record; raises ApiError 403 when it is not the caller's."""
    scope = scope_of(caller, record.tenant_id, record.user_id)
    fields = {name: getattr(record, name) for name in RecordIn.model_fields if name not in {*_OWNER, "ttl_days"}}
    fields |= {"expires_at": expiry(record.ttl_days, record.expires_at), "expected_version": expected}
    request = record.model_dump(mode="json", exclude_unset=True, exclude=_OWNER) | expecting(expected)
    return Write(scope, "record.store", command(StoreRecord, fields), request)
