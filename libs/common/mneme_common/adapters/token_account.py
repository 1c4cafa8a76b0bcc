"""What a tenant may spend on models, and what it has spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mneme_common.adapters.postgres import Database
from mneme_common.contracts.commands import Usage
from mneme_common.domain.subject import Subject
from mneme_common.domain.token_budget import Spending, budget_of, require_budget

_STANDING = """
SELECT (SELECT settings FROM tenants WHERE tenant_id = %(tenant)s) AS settings,
    coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE day = %(today)s), 0)::bigint AS today,
    coalesce(sum(prompt_tokens + completion_tokens), 0)::bigint AS month
FROM model_usage WHERE tenant_id = %(tenant)s AND day >= %(first)s AND day <= %(today)s
"""
_SPEND = """
INSERT INTO model_usage AS u (tenant_id, day, model, prompt_tokens, completion_tokens, requests)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, day, model) DO UPDATE SET prompt_tokens = u.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = u.completion_tokens + excluded.completion_tokens, requests = u.requests + excluded.requests
"""


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """An Account on PostgreSQL: the budget is the tenant's setting, the days are UTC's."""

    database: Database
    clock: Callable[[], datetime]

    async def require(self, subject: Subject) -> None:
        """Raises OverBudgetError when the tenant's tokens are spent."""
        now = self.clock().astimezone(UTC)
        asked = {"tenant": subject.tenant_id, "today": now.date(), "first": now.date().replace(day=1)}
        async with self.database.transaction([subject.tenant_id]) as connection:
            row = await (await connection.execute(_STANDING, asked)).fetchone()
        if row is not None:
            require_budget(budget_of(_settings(row)), Spending(row["today"], row["month"]), now)

    async def spend(self, subject: Subject, model: str, usage: Usage) -> None:
        """Books what an answer cost, of use or not."""
        day = self.clock().astimezone(UTC).date()
        spent = (usage.prompt_tokens, usage.completion_tokens, usage.requests)
        async with self.database.transaction([subject.tenant_id]) as connection:
            await connection.execute(_SPEND, (subject.tenant_id, day, model, *spent))


def _settings(row: Mapping[str, Any]) -> Mapping[str, object]:
    settings = row["settings"]
    return settings if isinstance(settings, Mapping) else {}
