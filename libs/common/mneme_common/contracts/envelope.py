"""The CloudEvents 1.0 Kafka binding in binary mode: attributes in headers, data as JSON in the value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mneme_common.domain.limits import NAME_PATTERN, TENANT_ID_MAX, USER_ID_MAX, USER_ID_PATTERN

SPEC_VERSION = "1.0"
_REQUIRED = ("ce_id", "ce_type", "ce_source", "ce_specversion")
_TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TENANT = re.compile(NAME_PATTERN)
_USER = re.compile(USER_ID_PATTERN)


class InvalidEventError(ValueError):
    """This record will never be understood; its message says why."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The context attributes of one event. ``id`` is the event id in hex on every topic but turns."""

    id: str
    type: str
    source: str
    time: datetime | None
    version: int = 1
    request_hash: str | None = None
    traceparent: str | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to produce: ``topic`` unprefixed, ``key`` tenant/user, ``value`` JSON bytes."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def key_of(tenant_id: str, user_id: str) -> bytes:
    """The record key that gives a user's events one partition."""
    return f"{tenant_id}/{user_id}".encode()


def parse_key(key: bytes | None) -> tuple[str, str]:
    """Tenant and user of a key; raises InvalidEventError."""
    if key is None:
        raise InvalidEventError("the record has no key; it must be tenant/user")
    try:
        tenant_id, separator, user_id = key.decode().partition("/")
    except UnicodeDecodeError:
        raise InvalidEventError("the record key is not UTF-8") from None
    if not separator or not valid_tenant_id(tenant_id) or not valid_user_id(user_id):
        raise InvalidEventError("the record key must be tenant/user, each a valid id")
    return tenant_id, user_id


def valid_tenant_id(text: str) -> bool:
    """Whether the text may name a tenant."""
    return len(text) <= TENANT_ID_MAX and _TENANT.fullmatch(text) is not None


def valid_user_id(text: str) -> bool:
    """Whether the text may name a user."""
    return len(text) <= USER_ID_MAX and _USER.fullmatch(text) is not None


def to_headers(attributes: Attributes) -> tuple[tuple[str, bytes], ...]:
    """The headers of the binary content mode."""
    headers = [
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", attributes.id.encode()),
        ("ce_type", attributes.type.encode()),
        ("ce_source", attributes.source.encode()),
        ("ce_typeversion", str(attributes.version).encode()),
        ("content-type", b"application/json"),
    ]
    if attributes.time:
        headers.append(("ce_time", attributes.time.isoformat().encode()))
    if attributes.request_hash:
        headers.append(("ce_requesthash", attributes.request_hash.encode()))
    if attributes.traceparent:
        headers.append(("traceparent", attributes.traceparent.encode()))
    headers += [(f"ce_{name}", value.encode()) for name, value in attributes.extensions.items()]
    return tuple(headers)


def from_headers(headers: tuple[tuple[str, bytes], ...]) -> Attributes | None:
    """The attributes of a record, or None when it is no CloudEvent; raises InvalidEventError when it is a bad one."""
    try:
        texts = _texts(headers)
    except UnicodeDecodeError:
        raise InvalidEventError("a CloudEvents header is not UTF-8") from None
    if not any(name.startswith("ce_") for name in texts):
        return None
    if not (texts.get("ce_id") and texts.get("ce_type") and texts.get("ce_source") and texts.get("ce_specversion")):
        missing = [name for name in _REQUIRED if not texts.get(name)]
        raise InvalidEventError(f"CloudEvents headers are missing: {', '.join(missing)}")
    if texts["ce_specversion"] != SPEC_VERSION:
        raise InvalidEventError(f"ce_specversion must be {SPEC_VERSION}")
    return Attributes(
        id=texts["ce_id"],
        type=texts["ce_type"],
        source=texts["ce_source"],
        time=_time(texts.get("ce_time")),
        version=_version(texts.get("ce_typeversion", "1")),
        request_hash=texts.get("ce_requesthash"),
        traceparent=_traceparent(texts.get("traceparent")),
    )


def _texts(headers: tuple[tuple[str, bytes], ...]) -> dict[str, str]:
    """The attributes among the headers; names are compared without regard to case."""
    texts = {}
    for given, value in headers:
        name = given.lower()
        if name.startswith(("ce_", "trace")):
            texts[name] = value.decode()
    return texts


def _traceparent(text: str | None) -> str | None:
    """The W3C trace context; anything else that stands in the header is nothing to keep."""
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidEventError("ce_time must be RFC 3339") from None


def _version(text: str) -> int:
    if not text.isdigit():
        raise InvalidEventError("ce_typeversion must be a whole number")
    return int(text)
