"""Memories whose time to live is over (S1-22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ExpiredMemory:
    """A live memory with a time to live."""

    user_id: str
    memory_id: UUID
    expires_at: datetime
    pinned: bool


def wants_expired(memory: ExpiredMemory, now: datetime) -> bool:
    """Its time is over and nobody pinned it."""
    return not memory.pinned and memory.expires_at <= now
