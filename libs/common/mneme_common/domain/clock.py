"""Time as a value: transaction time never goes backwards within a user (guarantee 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

RESOLUTION = timedelta(microseconds=1)


def transaction_time(now: datetime, head_time: datetime | None) -> datetime:
    """max(now, head_time + 1 µs)."""
    if head_time is None:
        return now
    return max(now, head_time + RESOLUTION)
