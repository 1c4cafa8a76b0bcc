"""Identifiers: every one is a function of what it names, so that a replay gives the same ones.

Event ids are 128 bits of SHA-256 over length-prefixed parts (content of a memory never enters one); record ids have the
layout of a UUIDv7, time from the transaction and random bits from the event.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAC_CHARACTERS = 16


def digest(*parts: str | bytes) -> bytes:
    """SHA-256 over the parts, each preceded by its length, so that no two lists of parts collide by joining."""
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join([piece for one in raw for piece in (len(one).to_bytes(8, "big"), one)])).digest()


def _event_id(*parts: str | bytes) -> UUID:
    return UUID(bytes=digest(*parts)[:16])


def http_event_id(tenant_id: str, user_id: str, operation: str, idempotency_key: str, index: int) -> UUID:
    """The event id of item ``index`` of an HTTP write that carries an ``Idempotency-Key`` (guarantee 2)."""
    return _event_id("http", tenant_id, user_id, operation, idempotency_key, str(index))


def producer_event_id(tenant_id: str, source: str, ce_id: str) -> UUID:
    """The event id of a record from a direct producer that set ``ce_source`` and ``ce_id``."""
    return _event_id("producer", tenant_id, source, ce_id)


def placed_event_id(incarnation: str, topic: str, partition: int, offset: int) -> UUID:
    """The event id of a record without an id: the place where the broker put it."""
    return _event_id("placed", incarnation, topic, str(partition), str(offset))


def proposal_event_id(source_event_id: UUID, schema_version: str, run: str) -> UUID:
    """The event id of the proposals for one message: whichever extraction of a run is applied first wins."""
    return _event_id("proposal", source_event_id.bytes, schema_version, run)


def scheduled_event_id(tenant_id: str, user_id: str, job_id: str, index: int) -> UUID:
    """The event id of the ``index``-th command that a job issues for one user."""
    return _event_id("scheduled", tenant_id, user_id, job_id, str(index))


def record_id(moment: datetime, event_id: UUID, index: int) -> UUID:
    """A UUIDv7: 48 bits of milliseconds from ``moment``, the rest from (event id, index)."""
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    tail = digest("record", event_id.bytes, str(index))
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(tail[:10], "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970, the resolution of transaction time."""
    return (moment - EPOCH) // _MICROSECOND


def operation_id(key: bytes, tenant_id: str, user_id: str, event_id: UUID) -> str:
    """The public name of a write: the event id and a MAC that shows it was issued here (48 hex characters)."""
    return event_id.hex + _operation_mac(key, tenant_id, user_id, event_id)


def parse_operation_id(key: bytes, tenant_id: str, user_id: str, text: str) -> UUID | None:
    """The event id behind an operation id, or None when it was not issued for this tenant and user."""
    try:
        event_id = UUID(hex=text[:32])
    except ValueError:
        return None
    expected = _operation_mac(key, tenant_id, user_id, event_id)
    return event_id if hmac.compare_digest(text[32:].encode(), expected.encode()) else None


def _operation_mac(key: bytes, tenant_id: str, user_id: str, event_id: UUID) -> str:
    return hmac.new(key, digest("operation", tenant_id, user_id, event_id.bytes), hashlib.sha256).hexdigest()[
        :_MAC_CHARACTERS
    ]


def point_id(message_id: UUID, revision: int) -> UUID:
    """The name of a message revision's vector: the message id for the first revision, derived from both afterwards."""
    return message_id if revision == 1 else UUID(bytes=digest("point", message_id.bytes, str(revision))[:16])


def uuid_or_none(text: str) -> UUID | None:
    """The UUID that a text spells, None when it spells none."""
    try:
        return UUID(hex=text)
    except ValueError:
        return None
