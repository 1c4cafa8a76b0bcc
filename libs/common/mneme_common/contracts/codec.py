"""Reading and writing events: envelope, version, upcasting, validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson
from pydantic import ValidationError

from mneme_common.contracts.commands import EventData, JsonObject
from mneme_common.contracts.envelope import Attributes, InvalidEventError, OutgoingRecord, key_of, to_headers

D = TypeVar("D", bound=EventData)
Upcaster = Callable[[JsonObject], JsonObject]


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """One decoded event: who it concerns, what it says of itself, and its data."""

    tenant_id: str
    user_id: str
    attributes: Attributes
    data: D


def _turn_from_bare_json(data: JsonObject) -> JsonObject:
    """Version 0 of a turn is the bare JSON form: ``session_id`` and ``timestamp`` were its names of today's fields."""
    renamed = {"session_id": "conversation_id", "timestamp": "occurred_at"}
    upcast = {renamed.get(name, name): value for name, value in data.items()}
    upcast.setdefault("conversation_id", "default")
    return upcast


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {("turn", 0): _turn_from_bare_json}
"""(type, version) → the data of the next version; versions are climbed one by one."""

LATEST_VERSION: Mapping[str, int] = {}
"""Types whose data has changed since version 1."""


def parse_json(value: bytes | None) -> JsonObject:
    """The JSON object in a record's value; raises InvalidEventError."""
    try:
        data = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        raise InvalidEventError(f"the value is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InvalidEventError("the value must be a JSON object")
    return data


def decode(types: Mapping[str, type[EventData]], event_type: str, version: int, data: JsonObject) -> EventData:
    """Validated data of a known type, brought up to today's version; raises InvalidEventError."""
    model = types.get(event_type)
    if model is None:
        raise InvalidEventError(f"unknown event type {event_type!r}")
    latest = LATEST_VERSION.get(event_type, 1)
    if version > latest:
        raise InvalidEventError(f"{event_type} version {version} is newer than this version of Mneme understands")
    for step in range(version, latest):
        upcaster = UPCASTERS.get((event_type, step))
        if upcaster is None:
            raise InvalidEventError(f"{event_type} version {step} is no longer understood")
        data = upcaster(data)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidEventError(describe(error)) from None


def describe(error: ValidationError) -> str:
    """The first three faults of a validation error, each with its field; never the value (it may be private)."""
    faults = [f"{'.'.join(map(str, fault['loc'])) or 'value'}: {fault['msg']}" for fault in error.errors()[:3]]
    return "; ".join(faults)


def encode(topic: str, tenant_id: str, user_id: str, attributes: Attributes, data: EventData) -> OutgoingRecord:
    """The record of an event, keyed by its user."""
    return OutgoingRecord(
        topic=topic,
        key=key_of(tenant_id, user_id),
        value=data.model_dump_json(exclude_none=True).encode(),
        headers=to_headers(attributes),
    )
