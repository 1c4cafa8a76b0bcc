"""Which turns are sent together, in which order, and under which key: a function of the file alone.

Users are dealt out to lanes as they appear. A lane sends its batches one after the other, so each user's messages keep
their order; the lanes run side by side. The same file makes the same batches, so a batch that is sent again is the same
write, and a file that is cut off makes the beginning of the same batches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mneme_cli.sources.turns import Turn

# Other numbers make other keys: what an earlier version imported would be sent again as new.
LANES = 8
BATCH_SIZE = 100
_BATCH_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns to send with one request: the ``number``-th of its lane."""

    lane: int
    number: int
    turns: tuple[Turn, ...]

    def key(self, import_id: str) -> str:
        """The Idempotency-Key: the same whenever the same import sends this batch."""
        named = f"{import_id}/{self.lane}/{self.number}"
        return f"import-{hashlib.sha256(named.encode()).hexdigest()[:40]}"


@dataclass(slots=True)
class _Open:
    """The batch that a lane is filling."""

    number: int = 0
    size: int = 0
    turns: list[Turn] = field(default_factory=list)


def batches(turns: Iterable[Turn]) -> Iterator[Batch]:
    """The turns in batches, each as soon as it is full; at the end the rest of every lane."""
    lanes: dict[str | None, int] = {}
    filling = [_Open() for _ in range(LANES)]
    for turn in turns:
        lane = lanes.setdefault(turn.user_id, len(lanes) % LANES)
        current = filling[lane]
        size = len(json.dumps(turn.message))
        if current.turns and (len(current.turns) == BATCH_SIZE or current.size + size > _BATCH_BYTES):
            yield Batch(lane, current.number, tuple(current.turns))
            current = filling[lane] = _Open(current.number + 1)
        current.turns.append(turn)
        current.size += size
    for lane, rest in enumerate(filling):
        if rest.turns:
            yield Batch(lane, rest.number, tuple(rest.turns))
