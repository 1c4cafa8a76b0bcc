"""API keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from mneme.decoding import Answer


@dataclass(frozen=True, kw_only=True)
class ApiKey(Answer):
    """A key, for one user of one tenant. ``raw_key`` is known once: in the answer that makes it."""

    key_id: str
    tenant_id: str
    user_id: str
    name: str
    key_prefix: str
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    raw_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class KeyList(Answer):
    """Keys, the oldest first."""

    keys: tuple[ApiKey, ...] = ()

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)
