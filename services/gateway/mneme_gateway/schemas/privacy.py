"""Privacy policies in requests and answers (features.md, S1-21, S4-54)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from mneme_common.contracts.commands import Label
from mneme_common.domain.privacy_policy import PrivacyAction, PrivacyPolicy, rules_of
from mneme_common.domain.sensitivity_detectors import Category
from mneme_gateway.schemas.parts import RequestModel, TenantId

_VALUES_MAX = 500
ValueName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,256}$")]


class PrivacyRuleIn(RequestModel):
    """What to do about one category; `purpose` says what it is allowed for, and only `allow` has one."""

    action: PrivacyAction
    purpose: Label | None = None


class PrivacyPolicyIn(RequestModel):
    """What to change of a privacy policy; what is absent stays. `rules` replaces all rules."""

    tenant_id: TenantId | None = None
    rules: dict[Category, PrivacyRuleIn] | None = Field(
        None, examples=[{"email": {"action": "allow", "purpose": "customer support"}, "ip": {"action": "block"}}]
    )
    redacted_values: Annotated[list[ValueName], Field(max_length=_VALUES_MAX)] | None = Field(
        None, description="Names of metadata and of values of memories, alone or as `class.name`: always replaced."
    )

    @model_validator(mode="after")
    def _may_be(self) -> Self:
        if self.rules is not None:
            rules_of(self.stored_rules())
        return self

    def stored_rules(self) -> dict[str, dict[str, str | None]]:
        """The rules as they are stored."""
        return {
            category.value: {"action": rule.action.value, "purpose": rule.purpose}
            for category, rule in (self.rules or {}).items()
        }


class PrivacyRuleOut(BaseModel):
    """The rule in force for one category."""

    action: PrivacyAction
    purpose: str | None = None


class PrivacyPolicyOut(BaseModel):
    """The policy in force: a rule for every category. `version` 0 is the default."""

    tenant_id: str
    version: int
    rules: dict[Category, PrivacyRuleOut]
    redacted_values: list[str]
    updated_at: datetime | None = None

    @classmethod
    def of(cls, tenant_id: str, policy: PrivacyPolicy, updated_at: datetime | None) -> Self:
        """The policy with its defaults filled in."""
        rules = {category: policy.rule(category) for category in Category}
        return cls(
            tenant_id=tenant_id,
            version=policy.version,
            rules={name: PrivacyRuleOut(action=rule.action, purpose=rule.purpose) for name, rule in rules.items()},
            redacted_values=sorted(policy.redacted_values),
            updated_at=updated_at,
        )
