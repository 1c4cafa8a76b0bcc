"""Identity: which memory a statement is about, whatever it says of it (S1-44)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mneme_common.domain.identifiers import digest
from mneme_common.domain.metadata import JsonValue
from mneme_resolver.decide.classes import MemoryClass
from mneme_resolver.decide.labels import label

_SPACE = re.compile(r"\s+")


def normalise(value: JsonValue) -> str:
    """Trimmed, lower-cased, one space between words (S1-43)."""
    return _SPACE.sub(" ", "" if value is None else str(value)).strip().lower()


def identity_of(memory_class: MemoryClass, values: Mapping[str, JsonValue]) -> dict[str, str]:
    """The identity fields that have a value."""
    named = {name: normalise(values.get(name)) for name in memory_class.identity}
    return {name: label(value) if name in memory_class.labels else value for name, value in named.items() if value}


def object_key(memory_class: MemoryClass, values: Mapping[str, JsonValue], namespace: str | None) -> str:
    """The identity hash: SHA-256 over namespace, class and identity fields, in hex."""
    fields = identity_of(memory_class, values)
    parts = [part for name in memory_class.identity for part in (name, fields.get(name, ""))]
    return digest("identity", namespace or "", memory_class.name, *parts).hex()


def explicit_key(key: str, namespace: str | None) -> str:
    """The identity hash of a memory that its writer named."""
    return digest("key", namespace or "", normalise(key)).hex()


def content_hash(text: str) -> str:
    """SHA-256 of the text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
