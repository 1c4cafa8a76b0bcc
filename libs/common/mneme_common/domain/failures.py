"""The two kinds of failure (guarantee 5): what will never succeed, and what cannot succeed now."""

from __future__ import annotations


class DependencyError(Exception):
    """Something that is needed is away (database, broker, model): wait and retry without end, bury nothing."""


class PermanentError(Exception):
    """This event will never succeed; ``reason`` is a short stable word for it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
