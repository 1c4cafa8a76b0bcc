"""``memory.indexed``: what can be found by vector from now on, one announcement a user."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from mneme_common.contracts.changes import MemoryIndexed
from mneme_common.domain.identifiers import digest
from mneme_embedder.decide.targets import Target


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event to emit; its id is a function of the points that it speaks of."""

    event_id: UUID
    tenant_id: str
    user_id: str
    data: MemoryIndexed
    traceparent: str | None


def announcements(model: str, indexed: Iterable[Target]) -> list[Announcement]:
    """The announcements for versions that are open and have their points."""
    ordered = sorted(indexed, key=lambda target: (target.tenant_id, target.user_id, target.point_id))
    return [
        _announcement(model, owner, list(group))
        for owner, group in groupby(ordered, key=lambda target: (target.tenant_id, target.user_id))
    ]


def _announcement(model: str, owner: tuple[str, str], targets: list[Target]) -> Announcement:
    latest = max(targets, key=lambda target: target.position)
    points = [target.point_id.bytes for target in targets]
    return Announcement(
        event_id=UUID(bytes=digest("indexed", *owner, model, *points)[:16]),
        tenant_id=owner[0],
        user_id=owner[1],
        data=MemoryIndexed(model=model, record_ids=[target.record_id for target in targets], position=latest.position),
        traceparent=latest.traceparent,
    )
