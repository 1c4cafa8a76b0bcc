"""A tenant's retention policy, and what it wants done with a message (S2-27 with the decisions of part 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Mode = Literal["any", "all"]
"""Whether age or importance is reason enough, or only both together."""

YOUNG = timedelta(hours=24)
"""A message younger than this is left alone, whatever the policy says."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``max_items`` bounds the messages of the tenant that are not archived; None is no bound."""

    max_age_days: int = 30
    importance_threshold: float = 0.35
    delete_after_days: int = 90
    max_items: int | None = None

    def old_before(self, now: datetime) -> datetime:
        """A message recorded by then is old."""
        return now - timedelta(days=self.max_age_days)

    def delete_before(self, now: datetime) -> datetime:
        """A message archived before that is due for deletion."""
        return now - timedelta(days=self.delete_after_days)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """What a policy looks at. ``archived_at`` is when it was last archived, None while it is not.

    ``surplus`` says that it is among the oldest of the tenant that are too many for ``max_items``.
    """

    user_id: str
    message_id: UUID
    importance: float
    created_at: datetime
    archived_at: datetime | None = None
    surplus: bool = False


def wants_archived(message: StoredMessage, policy: Policy, mode: Mode, now: datetime) -> bool:
    """Not archived yet, not young, and old or unimportant (or both, by the mode) or surplus."""
    if message.archived_at is not None or message.created_at > now - YOUNG:
        return False
    unimportant = message.importance <= policy.importance_threshold
    old = message.created_at <= policy.old_before(now)
    return message.surplus or ((unimportant or old) if mode == "any" else (unimportant and old))


def wants_deleted(message: StoredMessage, policy: Policy, now: datetime) -> bool:
    """Archived longer than ``delete_after_days``."""
    return message.archived_at is not None and message.archived_at < policy.delete_before(now)
