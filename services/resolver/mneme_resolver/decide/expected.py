"""Optimistic concurrency: a write may name the version or revision that its writer has read (If-Match)."""

from __future__ import annotations

from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.decision import Decision, refuse


def conflict(expected_version: int | None, known: Memory | None) -> Decision | None:
    """A refusal when another version is current than the one expected, or none is; None when the write may go on."""
    if expected_version is None or (known is not None and known.version == expected_version):
        return None
    current = f"it is at version {known.version}" if known is not None else "there is no such memory"
    return refuse(409, "VERSION_CONFLICT", f"Version {expected_version} was expected, but {current}.")


def stale(expected_revision: int | None, current: Message) -> Decision | None:
    """A refusal when another revision of a message is current than the one expected; None when the write may go on."""
    if expected_revision in (None, current.revision):
        return None
    detail = f"Revision {expected_revision} was expected, but it is at revision {current.revision}."
    return refuse(409, "VERSION_CONFLICT", detail)
