"""Rows as columns: PostgreSQL packs each column of many rows into one value, numpy reads it without a loop.

Fifty thousand rows of fifteen columns arrive in a tenth of a second this way, and almost none of it is Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mneme_gateway.search.documents import MEMORY, MESSAGE, Codes, Documents, Integers, Labels, Words64
from mneme_gateway.search.tokens import Tokeniser, Tokens

_MICROSECONDS_1970_TO_2000 = 946_684_800_000_000
_NEVER = np.iinfo(np.int64).max

_LABELS = ("role", "name", "session", "namespace", "memory_kind", "memory_type", "tier")

_MESSAGE_NUMBERS = {
    "id": "uuid_send(message_id)",
    "point": "uuid_send(message_point_id(message_id, revision))",
    "revision": "int4send(revision)",
    "position": "int8send(from_seq)",
    "archived": "boolsend(archived)",
    "importance": "float8send(importance_score)",
    "confidence": "float8send(1)",
    "occurred_at": "timestamptz_send(occurred_at)",
    "created_at": "timestamptz_send(created_at)",
    "expires_at": "timestamptz_send('infinity')",
    "content": "int8send(hashtextextended(content, 0))",
}
_MESSAGE_LABELS = dict.fromkeys(_LABELS, "''") | {
    "role": "role",
    "name": "name",
    "session": "conversation_id",
    "namespace": "namespace",
}
_MEMORY_NUMBERS = _MESSAGE_NUMBERS | {
    "id": "uuid_send(memory_id)",
    "point": "uuid_send(memory_id)",
    "revision": "int4send(version)",
    "archived": "boolsend(false)",
    "importance": "float8send(importance)",
    "confidence": "float8send(initial_confidence)",
    "occurred_at": "timestamptz_send(observed_at)",
    "expires_at": "timestamptz_send(coalesce(expires_at, 'infinity'))",
}
_MEMORY_LABELS = dict.fromkeys(_LABELS, "''") | {
    "session": "session_id",
    "namespace": "namespace",
    "memory_kind": "kind",
    "memory_type": "memory_type",
    "tier": "trust_tier",
}


def _packed(prefix: str, numbers: Mapping[str, str], labels: Mapping[str, str]) -> str:
    parts = [f"string_agg({sql}, '') AS {prefix}_{name}" for name, sql in numbers.items()]
    parts += [f"string_agg({_utf8(sql)}, '\\x00') AS {prefix}_{name}" for name, sql in labels.items()]
    parts.append(f"string_agg({_utf8('content')}, '\\x200020') AS {prefix}_text")
    return ", ".join(parts)


def _utf8(sql: str) -> str:
    return f"convert_to(coalesce({sql}, ''), 'UTF8')"


PACKED_MESSAGES = _packed("message", _MESSAGE_NUMBERS, _MESSAGE_LABELS)
PACKED_MEMORIES = _packed("memory", _MEMORY_NUMBERS, _MEMORY_LABELS)
PACKED_CLOSED_MESSAGES = "string_agg(uuid_send(message_point_id(message_id, revision)), '') AS closed_message_point"
PACKED_CLOSED_MEMORIES = "string_agg(uuid_send(memory_id), '') AS closed_memory_point"

PackedRow = Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents with their terms, numbered from the ``first`` that was asked for."""

    documents: Documents
    tokens: Tokens


def unpack(row: PackedRow, prefix: str, labels: Labels, tokeniser: Tokeniser, first: int) -> Batch | None:
    """The documents of one packed row, None when it has none; ``prefix`` is "message" or "memory"."""
    ids = _ids(row[f"{prefix}_id"])
    count = len(ids)
    if count == 0:
        return None
    tokens = tokeniser.tokens(_bytes(row[f"{prefix}_text"]), first)
    documents = Documents(
        record_high=ids[:, 0].copy(),
        record_low=ids[:, 1].copy(),
        point=_ids(row[f"{prefix}_point"])[:, 1].copy(),
        revision=_column(row, f"{prefix}_revision", ">i4").astype(np.int32),
        position=_column(row, f"{prefix}_position", ">i8").astype(np.int64),
        kind=np.full(count, MESSAGE if prefix == "message" else MEMORY, dtype=np.uint8),
        archived=_column(row, f"{prefix}_archived", "?").astype(np.bool_),
        importance=_column(row, f"{prefix}_importance", ">f8").astype(np.float64),
        confidence=_column(row, f"{prefix}_confidence", ">f8").astype(np.float64),
        occurred_at=_times(row, f"{prefix}_occurred_at"),
        created_at=_times(row, f"{prefix}_created_at"),
        expires_at=_times(row, f"{prefix}_expires_at"),
        content=_column(row, f"{prefix}_content", ">i8").astype(np.int64),
        length=np.bincount(tokens.documents - np.uint32(first), minlength=count).astype(np.uint32),
        marks=tokens.marks,
        **{name: _codes(row, f"{prefix}_{name}", labels) for name in _LABELS},
    )
    return Batch(documents, tokens)


def closed_points(row: PackedRow) -> Words64:
    """The points of the versions that a packed row says are closed."""
    return np.concatenate([_ids(row["closed_message_point"])[:, 1], _ids(row["closed_memory_point"])[:, 1]])


def _ids(packed: bytes | None) -> Words64:
    return np.frombuffer(_bytes(packed), ">u8").reshape(-1, 2).astype(np.uint64)


def _times(row: PackedRow, name: str) -> Integers:
    """Microseconds since 1970 from PostgreSQL's since 2000; "infinity" stays the largest number."""
    sent = _column(row, name, ">i8").astype(np.int64)
    return np.where(sent == _NEVER, sent, sent + _MICROSECONDS_1970_TO_2000)


def _codes(row: PackedRow, name: str, labels: Labels) -> Codes:
    return labels.codes(_bytes(row[name]).decode().split("\x00"))


def _column(row: PackedRow, name: str, dtype: str) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    return np.frombuffer(_bytes(row[name]), dtype)


def _bytes(packed: bytes | None) -> bytes:
    return packed or b""
