"""What is to be done about a version, told by its row: the row is always ahead of the change that announced it.

So the order in which changes arrive does not matter, nor how often: a version that has ended meanwhile is stored as
ended, one that has been erased is removed, and one that is indexed already is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mneme_common.domain.vectors import Closing, Point, PointKey, Vector
from mneme_embedder.decide.targets import Target
from mneme_embedder.decide.texts import content_hash


@dataclass(frozen=True, slots=True)
class RecordState:
    """The row of a version, and what the index knows of it: the text's hash, and the end if it knows of that."""

    from_seq: int
    to_seq: int | None
    indexed_hash: str | None = None
    indexed_to_seq: int | None = None


@dataclass(frozen=True, slots=True)
class ToEmbed:
    """A version whose text is to be embedded."""

    target: Target
    text: str
    hash: str
    state: RecordState

    def point(self, model: str, embedding: Vector) -> Point:
        """The point of this version."""
        return Point(
            key=key_of(self.target, model),
            record_id=self.target.record_id,
            kind=self.target.kind,
            content_hash=self.hash,
            embedding=embedding,
            from_seq=self.state.from_seq,
            to_seq=self.state.to_seq,
        )


@dataclass(slots=True)
class Plan:
    """What to do about a batch. ``indexed`` are open versions that need nothing: their points are there."""

    embed: list[ToEmbed] = field(default_factory=list)
    close: list[tuple[Target, int]] = field(default_factory=list)
    remove: list[Target] = field(default_factory=list)
    indexed: list[Target] = field(default_factory=list)


def plan(targets: Sequence[Target], states: Sequence[RecordState | None]) -> Plan:
    """The work that the targets call for, each with its state beside it; one without has no row any more."""
    work = Plan()
    for target, state in zip(targets, states, strict=True):
        if state is None:
            work.remove.append(target)
            continue
        hashed = None if target.text is None else content_hash(target.text)
        if target.text is not None and hashed is not None and hashed != state.indexed_hash:
            work.embed.append(ToEmbed(target, target.text, hashed, state))
        elif state.to_seq is not None:
            if state.indexed_to_seq is None:
                work.close.append((target, state.to_seq))
        elif hashed is not None:
            work.indexed.append(target)
    return work


def key_of(target: Target, model: str) -> PointKey:
    """The name of the version's point."""
    return PointKey(target.tenant_id, target.user_id, model, target.point_id)


def closing_of(target: Target, to_seq: int, model: str) -> Closing:
    """The end of the version's point."""
    return Closing(key=key_of(target, model), record_id=target.record_id, kind=target.kind, to_seq=to_seq)
