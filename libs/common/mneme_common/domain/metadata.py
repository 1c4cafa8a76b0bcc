"""The shape of free metadata (S2-02): depth, number of items, length of strings, size of numbers, JSON scalars only."""

from __future__ import annotations

from pydantic import JsonValue

from mneme_common.domain.limits import (
    METADATA_DEPTH_MAX,
    METADATA_ITEMS_MAX,
    METADATA_KEY_MAX,
    METADATA_NUMBER_MAX,
    METADATA_STRING_MAX,
)

__all__ = ["JsonValue", "bounded_metadata", "emptied_metadata", "may_be_read"]

_MEMORY_ENABLED = "memory_enabled"


def may_be_read(metadata: dict[str, JsonValue]) -> bool:
    """Whether an extractor may read a message with this metadata: not when it says ``memory_enabled`` false (S1-04)."""
    return metadata.get(_MEMORY_ENABLED) is not False


def emptied_metadata(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What decisions depend on, and nothing else."""
    return {} if may_be_read(metadata) else {_MEMORY_ENABLED: False}


def bounded_metadata(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The metadata with long strings cut to 2,048 characters; raises ValueError when a bound is broken."""
    return {_key(key): _bounded(item, depth=1) for key, item in _counted(value).items()}


def _counted(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(value) > METADATA_ITEMS_MAX:
        raise ValueError(f"metadata objects hold at most {METADATA_ITEMS_MAX} keys")
    return value


def _key(key: str) -> str:
    if len(key) > METADATA_KEY_MAX or "\x00" in key:
        raise ValueError(f"metadata keys have at most {METADATA_KEY_MAX} characters and no NUL")
    return key


def _bounded(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("metadata strings must not contain NUL")
        return value[:METADATA_STRING_MAX]
    if isinstance(value, (int, float)) and abs(value) > METADATA_NUMBER_MAX:
        raise ValueError(f"metadata numbers lie between -{METADATA_NUMBER_MAX} and {METADATA_NUMBER_MAX}")
    if isinstance(value, (dict, list)):
        if depth >= METADATA_DEPTH_MAX:
            raise ValueError(f"metadata is nested at most {METADATA_DEPTH_MAX} deep")
        if isinstance(value, dict):
            return {_key(key): _bounded(item, depth + 1) for key, item in _counted(value).items()}
        if len(value) > METADATA_ITEMS_MAX:
            raise ValueError(f"metadata arrays hold at most {METADATA_ITEMS_MAX} items")
        return [_bounded(item, depth + 1) for item in value]
    return value
