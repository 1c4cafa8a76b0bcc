"""Scrubbing of whole records: every field that carries text, whatever its shape (S1-21).

Fields are scrubbed unless they are known to be identifiers, so that a new field is safe before anybody thinks of it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TypeVar, cast

from pydantic import BaseModel

from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.privacy_policy import PrivacyAction, PrivacyPolicy
from mneme_common.domain.sensitivity import Finding, find, placeholder, replaced
from mneme_common.domain.sensitivity_detectors import LABELS, Category
from mneme_common.domain.sensitivity_secrets import SECRET_NAME

M = TypeVar("M", bound=BaseModel)

REDACTED = "[redacted]"
_STAND_IN = re.compile(r"\[redacted(:[0-9a-f]{12})?\]")
IDENTIFIERS = frozenset(
    {
        "conversation_id", "session_id", "job_id", "prompt_hash", "schema_version", "run", "extractor", "model",
        "memory_class", "request_hash", "event_type",
    }
)  # fmt: skip
"""Fields whose text names something elsewhere and is compared, not read."""

NAMES = frozenset({"key", "namespace", "subject_id", "author_id"})
"""Fields by which records are told apart: two that are scrubbed must stay two."""

_TELLING_NAME = re.compile(r"ssn|social|card|iban|account|phone|mobile|tel|fax|cell|ip\b|mail", re.IGNORECASE)
_SMALLEST_TELLING_NUMBER = 10_000_000


class SensitiveTextError(ValueError):
    """The policy refuses the write for what a field holds."""

    def __init__(self, category: Category, where: str) -> None:
        super().__init__(f"The {where} holds {LABELS[category]} and was not stored.")
        self.category = category
        self.where = where


@dataclass(slots=True)
class Scrubber:
    """Scrubs one write under one policy; ``found`` counts what was found, by category.

    ``pseudonym_key`` makes the stand-ins of names, which are the same for the same name and tell nobody what it was.
    """

    policy: PrivacyPolicy
    pseudonym_key: bytes
    found: Counter[str] = field(default_factory=Counter)
    _identifying: frozenset[str] = field(default=frozenset(), init=False)

    def model(self, data: M) -> M:
        """The data with every text scrubbed; itself when there was nothing. Raises SensitiveTextError, ValueError."""
        marked = self._marked(data) if self.policy.marked_values else frozenset()
        identities = self.policy.class_identities
        self._identifying = _of_class(data, identities) if identities else frozenset()
        changed: dict[str, object] = {}
        for name in _fields_of(type(data)):
            value = getattr(data, name)
            if not value or not isinstance(value, (str, list, dict, BaseModel)) or isinstance(value, Enum):
                continue
            scrubbed = self._field(name, value, marked)
            if scrubbed is not value:
                changed[name] = scrubbed
        if not changed:
            return data
        whole = {name: getattr(data, name) for name in type(data).model_fields} | changed
        return type(data).model_validate(_forget(whole, _texts_of(data, marked)))

    def text(self, text: str, where: str = "content") -> str:
        """The text as the policy lets it be kept; raises SensitiveTextError."""
        return self._replaced(text, where, placeholder)

    def name(self, text: str, where: str = "name") -> str:
        """A name as the policy lets it be kept, still another one than any other; raises SensitiveTextError."""
        return self._replaced(text, where, self._pseudonym)

    def json(self, value: JsonValue, where: str, marked: frozenset[str] = frozenset(), key: str = "") -> JsonValue:
        """Metadata and values: keys and texts, and numbers that are card or phone numbers."""
        if isinstance(value, str):
            return self._named_value(key, value, where) if _tells(key) else self.text(value, where)
        if isinstance(value, dict):
            return self._object(value, where, marked)
        if isinstance(value, list):
            items = [self.json(item, where, marked, key) for item in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        if isinstance(value, (int, float)) and abs(value) >= (1 if _tells(key) else _SMALLEST_TELLING_NUMBER):
            return self._number(key, value, where)
        return value

    def _field(self, name: str, value: object, marked: frozenset[str]) -> object:
        if isinstance(value, str):
            return self.name(value, name) if name in NAMES else self.text(value, name)
        if isinstance(value, BaseModel):
            return self.model(value)
        if isinstance(value, dict):
            return self.json(cast("JsonValue", value), name, marked)
        items = [self._field(name, item, marked) if isinstance(item, (str, BaseModel)) else item for item in value]  # type: ignore[attr-defined]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items  # type: ignore[call-overload]

    def _object(self, value: dict[str, JsonValue], where: str, marked: frozenset[str]) -> JsonValue:
        scrubbed: dict[str, JsonValue] = {}
        same = True
        for key, item in value.items():
            kept = _unused(self.text(key, where), scrubbed)
            if key in marked:
                scrubbed[kept] = self._stand_in(key, item)
            else:
                scrubbed[kept] = self.json(item, where, marked, key)
            same = same and kept is key and scrubbed[kept] is item
        return value if same else scrubbed

    def _named_value(self, key: str, value: str, where: str) -> str:
        """A text whose name says what it is: ``ssn`` and ``123456789`` apart say nothing."""
        lead = f"{key.replace('_', ' ')}: " if not SECRET_NAME.search(key) else "password="
        findings = [
            Finding(found.category, max(0, found.start - len(lead)), found.end - len(lead))
            for found in find(lead + (f'"{value}"' if lead == "password=" else value))
            if found.end > len(lead)
        ]
        if lead == "password=" and findings:
            findings = [Finding(findings[0].category, 0, len(value))]
        return self._apply(value, findings, where, placeholder)

    def _number(self, key: str, value: float, where: str) -> JsonValue:
        if isinstance(value, bool) or value != int(value):
            return value
        text = str(int(value))
        scrubbed = self._named_value(key, text, where) if _tells(key) else self.text(text, where)
        return value if scrubbed == text else scrubbed

    def _replaced(self, text: str, where: str, by: Callable[[Finding, str], str]) -> str:
        findings = find(text)
        return self._apply(text, findings, where, by) if findings else text

    def _apply(self, text: str, findings: list[Finding], where: str, by: Callable[[Finding, str], str]) -> str:
        replace = []
        for finding in findings:
            rule = self.policy.rule(finding.category)
            self.found[finding.category.value] += 1
            if rule.action is PrivacyAction.BLOCK:
                raise SensitiveTextError(finding.category, where)
            if rule.action is PrivacyAction.REDACT:
                replace.append(finding)
        return replaced(text, replace, by)

    def _pseudonym(self, finding: Finding, words: str) -> str:
        mac = hmac.new(self.pseudonym_key, words.casefold().encode(), hashlib.sha256).hexdigest()
        return f"[{finding.category.value}:{mac[:12]}]"

    def _marked(self, data: BaseModel) -> frozenset[str]:
        """The names of values to replace, those of this class without its name before them."""
        return self.policy.redacted_values | _of_class(data, self.policy.marked_values)

    def _stand_in(self, key: str, value: JsonValue) -> JsonValue:
        """In place of a marked value; one that is a stand-in already stays."""
        if value is None or (isinstance(value, str) and _STAND_IN.fullmatch(value)):
            return value
        if key not in self._identifying:
            return REDACTED
        words = " ".join(str(value).casefold().split())
        mac = hmac.new(self.pseudonym_key, words.encode(), hashlib.sha256).hexdigest()
        return f"[redacted:{mac[:12]}]"


def _of_class(data: BaseModel, names: frozenset[str]) -> frozenset[str]:
    """Those of the names ``class.name`` that are about this data, without the class.

    What has values and does not say of which class may be of any.
    """
    if "values" not in type(data).model_fields:
        return frozenset()
    memory_class = getattr(data, "memory_class", None)
    parts = (name.partition(".") for name in names)
    return frozenset(column for named, dot, column in parts if dot and memory_class in (None, named))


@lru_cache(maxsize=256)
def _fields_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that may carry text."""
    return tuple(name for name in model.model_fields if name not in IDENTIFIERS)


def _tells(key: str) -> bool:
    return bool(key) and (SECRET_NAME.search(key) is not None or _TELLING_NAME.search(key) is not None)


def _unused(key: str, taken: dict[str, JsonValue]) -> str:
    """The key, numbered when scrubbing has made two alike."""
    if key not in taken:
        return key
    return next(candidate for number in range(2, len(taken) + 3) if (candidate := f"{key} {number}") not in taken)


def _texts_of(data: BaseModel, marked: frozenset[str]) -> list[str]:
    """The texts of values that are marked as personal: what a sentence made of them repeats."""
    values = getattr(data, "values", None)
    if not marked or not isinstance(values, dict):
        return []
    texts = [str(value) for name, value in values.items() if name in marked and isinstance(value, (str, int, float))]
    return sorted((text for text in texts if len(text) > 1), key=len, reverse=True)


def _forget(fields: dict[str, object], texts: list[str]) -> dict[str, object]:
    """The other texts of the record without these."""
    if not texts:
        return fields
    pattern = re.compile("|".join(map(re.escape, texts)), re.IGNORECASE)
    return {name: _without(pattern, value) for name, value in fields.items()}


def _without(pattern: re.Pattern[str], value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        return pattern.sub(REDACTED, value)
    if isinstance(value, list):
        return [_without(pattern, item) for item in value]
    if isinstance(value, BaseModel):
        return {name: _without(pattern, getattr(value, name)) for name in type(value).model_fields}
    return value
