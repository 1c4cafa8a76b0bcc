"""Importance of what was just said (S2-09)."""

from __future__ import annotations

from datetime import datetime

_RECENCY, _ROLE, _EXPLICIT = 0.4, 0.2, 0.4
_ROLES = {"system": 0.9, "user": 0.7, "assistant": 0.5}
_DAY = 86_400.0


def importance(role: str, occurred_at: datetime, now: datetime, override: float | None) -> float:
    """0..1: an override replaces the score; else 0.4 recency over a day + 0.2 role + 0.4 explicit (0 without one)."""
    if override is not None:
        return min(1.0, max(0.0, override))
    age = max(0.0, (now - occurred_at).total_seconds())
    recency = max(0.0, 1.0 - age / _DAY)
    score = _RECENCY * recency + _ROLE * _ROLES.get(role, 0.5)
    return round(min(1.0, score / (_RECENCY + _ROLE + _EXPLICIT)), 6)
