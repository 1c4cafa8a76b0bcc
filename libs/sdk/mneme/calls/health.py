"""Health: the one question that needs no credential."""

from __future__ import annotations

from functools import partial

from mneme.answers.health import Health
from mneme.decoding import decode
from mneme.exchange import Ask, Call


def health() -> Call[Health]:
    """What works and how far each stage is, also when the answer is that nothing does."""
    return Ask(method="GET", path="/healthz", read=partial(decode, Health), repeatable=False, also_reads=(503,))
