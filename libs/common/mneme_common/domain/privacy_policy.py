"""A tenant's policy for sensitive text: what is refused, what is replaced, what may stay and for what purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mneme_common.domain.sensitivity_detectors import SECRETS, Category


class PrivacyAction(StrEnum):
    """``block`` refuses the whole write, ``redact`` replaces what was found, ``allow`` keeps it."""

    BLOCK = "block"
    REDACT = "redact"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """What to do about one category; ``purpose`` says what it is allowed for, and only ``allow`` has one."""

    action: PrivacyAction
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """Rules by category, the defaults of S4-54 where there is none; ``version`` is recorded with what it decided.

    ``redacted_values`` are names of values (metadata and fields of memories, alone or as ``class.name``) which are
    replaced whatever they hold; ``class_values`` are the columns, as ``class.name``, that the tenant's active schema
    marks as personal. ``class_identities``, those of them by which memories are told apart, are replaced by names that
    tell nobody what they were and are the same for the same value.
    """

    version: int = 0
    rules: Mapping[Category, PrivacyRule] = field(default_factory=dict)
    redacted_values: frozenset[str] = frozenset()
    class_values: frozenset[str] = frozenset()
    class_identities: frozenset[str] = frozenset()

    @property
    def marked_values(self) -> frozenset[str]:
        """All values that are replaced whatever they hold."""
        return self.redacted_values | self.class_values

    def rule(self, category: Category) -> PrivacyRule:
        """Secrets are refused and personal data is replaced, unless the tenant has decided otherwise."""
        return self.rules.get(category, DEFAULT_RULES[category])

    def redacting(self) -> PrivacyPolicy:
        """The same policy for what nobody can send again without the secret: what it refuses is replaced."""
        rules = {
            category: PrivacyRule(PrivacyAction.REDACT)
            for category in Category
            if self.rule(category).action is PrivacyAction.BLOCK
        }
        return replace(self, rules={**self.rules, **rules})


DEFAULT_RULES: dict[Category, PrivacyRule] = {
    category: PrivacyRule(PrivacyAction.BLOCK if category in SECRETS else PrivacyAction.REDACT) for category in Category
}


def rules_of(stored: Mapping[str, Mapping[str, str | None]]) -> dict[Category, PrivacyRule]:
    """The rules in their JSON form; raises ValueError for one that may not be.

    Secrets are never allowed: whoever reads a memory would be let in where its owner is.
    """
    rules = {}
    for name, parts in stored.items():
        category, action, purpose = Category(name), PrivacyAction(str(parts["action"])), parts.get("purpose")
        if action is PrivacyAction.ALLOW and category in SECRETS:
            raise ValueError(f"{name}: secrets are blocked or redacted, never allowed")
        if action is PrivacyAction.ALLOW and not purpose:
            raise ValueError(f"{name}: say with purpose what it is allowed for")
        if action is not PrivacyAction.ALLOW and purpose is not None:
            raise ValueError(f"{name}: only allow has a purpose")
        rules[category] = PrivacyRule(action, purpose)
    return rules


def policy_of(row: Mapping[str, Any]) -> PrivacyPolicy:
    """The policy in a row of ``privacy_policies``."""
    return PrivacyPolicy(
        row["version"],
        rules_of(row["rules"]),
        frozenset(row["redacted_values"]),
        frozenset(row["class_values"]),
        frozenset(row["class_identities"]),
    )


POLICY_COLUMNS = "tenant_id, version, rules, redacted_values, class_values, class_identities"


def stored_rules(rules: Mapping[Category, PrivacyRule]) -> dict[str, dict[str, str | None]]:
    """The JSON form of rules."""
    return {category.value: {"action": rule.action.value, "purpose": rule.purpose} for category, rule in rules.items()}
