"""From a request to an event: scrubbed data, an id that a retry repeats, and the hash of what was asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson

from mneme_common.contracts.codec import encode
from mneme_common.contracts.commands import EventData, JsonObject
from mneme_common.contracts.envelope import Attributes, OutgoingRecord
from mneme_common.contracts.topics import COMMANDS
from mneme_common.domain.identifiers import http_event_id
from mneme_gateway.auth.caller import Scope

SOURCE = "mneme/gateway"


@dataclass(frozen=True, slots=True)
class Event:
    """One command on its way: whose it is, its id, and its record."""

    tenant_id: str
    user_id: str
    event_id: UUID
    request_hash: str
    record: OutgoingRecord


@dataclass(frozen=True, slots=True)
class Write:
    """What one item of a request asks for. ``request`` is the item as it was sent, ``index`` its place in the batch."""

    scope: Scope
    event_type: str
    data: EventData
    request: JsonObject
    index: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """The circumstances of one HTTP request that writes."""

    operation: str
    idempotency_key: str | None
    traceparent: str
    wait_seconds: float


def make_event(attempt: Attempt, write: Write) -> Event:
    """The event of one item: the same id for a retry with the same key, a random one without a key."""
    scope = write.scope
    event_id = _event_id(attempt, scope, write.index)
    request_hash = hash_request(write.event_type, write.request)
    attributes = Attributes(
        id=event_id.hex,
        type=write.event_type,
        source=SOURCE,
        time=datetime.now(UTC),
        request_hash=request_hash,
        traceparent=attempt.traceparent,
    )
    record = encode(COMMANDS, scope.tenant_id, scope.user_id, attributes, write.data)
    return Event(scope.tenant_id, scope.user_id, event_id, request_hash, record)


def hash_request(event_type: str, request: JsonObject) -> str:
    """SHA-256 over the request in canonical JSON: sorted keys, no spaces."""
    canonical = orjson.dumps([event_type, request], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def expecting(version: int | None) -> JsonObject:
    """The part of a request that says which version it is for; the same key for another version is another request."""
    return {} if version is None else {"if_match": version}


def _event_id(attempt: Attempt, scope: Scope, index: int) -> UUID:
    if attempt.idempotency_key is None:
        return uuid4()
    return http_event_id(scope.tenant_id, scope.user_id, attempt.operation, attempt.idempotency_key, index)
