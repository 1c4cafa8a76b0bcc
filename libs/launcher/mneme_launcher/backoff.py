"""How long to wait before something that ended is started again."""

from __future__ import annotations

FIRST_S = 0.5
LONGEST_S = 30.0
STABLE_S = 60.0


def restart_delay(failures: int) -> float:
    """Seconds before the next start after so many ends in a row: 0.5, 1, 2 and so on up to 30."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(max(failures - 1, 0), 16))


def failures_in_a_row(before: int, lived_s: float) -> int:
    """The count after one more end; something that lived for a minute had recovered."""
    return 1 if lived_s >= STABLE_S else before + 1
