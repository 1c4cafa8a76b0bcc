"""Reading a record as an event: who sent it, what identifies it, and what a direct producer may not say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from mneme_common.contracts.codec import decode, parse_json
from mneme_common.contracts.command_types import COMMAND_TYPES, TURN_TYPES
from mneme_common.contracts.commands import EventData, JsonObject, RecordMessage
from mneme_common.contracts.dead_letters import Record, origin_of
from mneme_common.contracts.envelope import Attributes, InvalidEventError, from_headers, parse_key
from mneme_common.contracts.topics import COMMANDS
from mneme_common.domain.identifiers import placed_event_id, producer_event_id, uuid_or_none
from mneme_resolver.decide.event import Refusal, ResolverEvent

_BARE = "bare-json"
_HASH = re.compile("[0-9a-f]{64}")


def read_event(record: Record) -> ResolverEvent:
    """The event in a record; raises InvalidEventError."""
    if record.topic == COMMANDS:
        return _read_command(record)
    return _read_turn(record)


def identify(record: Record) -> tuple[str, str, UUID] | None:
    """Tenant, user and event id, as far as they can be told of a record that cannot be read."""
    try:
        tenant_id, user_id = parse_key(record.key)
        attributes = from_headers(record.headers)
    except InvalidEventError:
        return None
    event_id = _command_id(attributes) if record.topic == COMMANDS else _turn_id(record, tenant_id, attributes)
    return None if event_id is None else (tenant_id, user_id, event_id)


def _read_command(record: Record) -> ResolverEvent:
    tenant_id, user_id = parse_key(record.key)
    attributes = from_headers(record.headers)
    event_id = _command_id(attributes)
    if attributes is None or event_id is None:
        raise InvalidEventError("a command is a CloudEvent whose ce_id is its event id")
    data = decode(COMMAND_TYPES, attributes.type, attributes.version, parse_json(record.value))
    return _event(record, tenant_id, user_id, event_id, attributes.type, attributes, data)


def _read_turn(record: Record) -> ResolverEvent:
    """A CloudEvent of type ``turn``, or bare JSON whose body names tenant and user and agrees with the key."""
    attributes = from_headers(record.headers)
    body = parse_json(record.value)
    tenant_id, user_id = parse_key(record.key)
    if attributes is None:
        _agrees(body, tenant_id, user_id)
        data = decode(TURN_TYPES, "turn", 0, body)
    else:
        data = decode(TURN_TYPES, attributes.type, attributes.version, body)
    event_id = _turn_id(record, tenant_id, attributes)
    return _event(record, tenant_id, user_id, event_id, "turn", attributes, _message(data))


def _message(turn: EventData) -> RecordMessage:
    return RecordMessage.model_validate(turn.model_dump())


def _agrees(body: JsonObject, tenant_id: str, user_id: str) -> None:
    named = body.get("tenant", body.get("tenant_id")), body.get("user", body.get("user_id"))
    if named != (tenant_id, user_id):
        raise InvalidEventError("a bare JSON turn names tenant and user, and they agree with the record's key")


def _command_id(attributes: Attributes | None) -> UUID | None:
    return uuid_or_none(attributes.id) if attributes is not None else None


def _turn_id(record: Record, tenant_id: str, attributes: Attributes | None) -> UUID:
    if attributes is None:
        return placed_event_id(*origin_of(record))
    return producer_event_id(tenant_id, attributes.source, attributes.id)


def _event(
    record: Record,
    tenant_id: str,
    user_id: str,
    event_id: UUID,
    event_type: str,
    attributes: Attributes | None,
    data: EventData,
) -> ResolverEvent:
    claimed = attributes.request_hash if attributes is not None else None
    if claimed is not None and not _HASH.fullmatch(claimed):
        claimed = None
    return ResolverEvent(
        event_id=event_id,
        tenant_id=tenant_id,
        user_id=user_id,
        type=event_type,
        version=1,
        source=attributes.source if attributes is not None else _BARE,
        request_hash=claimed or hashlib.sha256(record.value or b"").hexdigest(),
        data=data,
        traceparent=attributes.traceparent if attributes is not None else None,
        accepted_at=_accepted_at(record, attributes),
    )


def _accepted_at(record: Record, attributes: Attributes | None) -> datetime:
    """When it was accepted: as the gateway says of commands, as the broker or the producer's client says of turns."""
    if record.topic == COMMANDS and attributes is not None and attributes.time is not None:
        return attributes.time if attributes.time.tzinfo is not None else attributes.time.replace(tzinfo=UTC)
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)


def stored_event(row: Mapping[str, object], payload: bytes) -> ResolverEvent:
    """The event of a ledger row, for a replay; ``payload`` is its decrypted input."""
    types = COMMAND_TYPES | {"turn": RecordMessage}
    event_type = str(row["event_type"])
    outcome = row["outcome"]
    refusal = None
    if row["status"] == "refused" and isinstance(outcome, dict) and event_type == "turn":
        refusal = Refusal(int(outcome["status"]), str(outcome["code"]), str(outcome["detail"]))
    event_id = row["event_id"]
    if not isinstance(event_id, UUID):
        raise TypeError("event_id is a UUID")
    return ResolverEvent(
        event_id=event_id,
        tenant_id=str(row["tenant_id"]),
        user_id=str(row["user_id"]),
        type=event_type,
        version=int(str(row["type_version"])),
        source=str(row["source"]),
        request_hash=str(row["request_hash"]),
        data=decode(types, event_type, int(str(row["type_version"])), parse_json(payload)),
        traceparent=None,
        refusal=refusal,
    )
